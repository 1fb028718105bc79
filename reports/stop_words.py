"""Words that say nothing by themselves, and words that turn the next one around.

The lists are short on purpose: comparing two groups of posts takes common words out by itself. Words that carry a
complaint stay: too, many, again, every, stop, help, problem, never, слишком, много, опять, каждый, zu, viele.
"""

# ruff: noqa: SIM905 - lists of quoted words cannot be read

from __future__ import annotations

NEGATIONS = frozenset(
    """
    not no never without cannot n't nor dont didnt doesnt cant wont isnt wasnt couldnt wouldnt
    не ни нет без никогда нельзя nicht kein keine keinen keinem keiner keines nie niemals ohne
    nunca sin jamás ne pas jamais sans non senza mai
    """.split()
)
"""They join the word after them: "not relevant", "не нужно", "nicht bestellt"."""

SKIPPED_AFTER_NEGATION = frozenset(
    "a an the to be been so very really even just any at all that it to have get do want es das so sehr un una "
    "so это очень даже так уже".split()
)
"""Between a negation and the word it turns around."""

MEANT_AFTER_NEGATION = frozenset(
    "want wanted need needed like liked use used know good new нужно нужна нужен нужны надо можно".split()
)
"""Stop words that say something after a negation: "not want", "не нужно"."""

_ENGLISH = """
a an the and or but if then than that this these those there here it its it's he she they them his her their we us our
i i'm i've i'd i'll me my mine you your yours you're is are was were be been being am do does did doing done have has
had having will would can could should shall may might must to of in on at by for with from into onto about as over
after before during while so such some any each both few other another own same just also very really quite even still
yet only ever much more most less least now today week day thing things something anything everything someone anyone
what which who whom whose when where why how because though although however till until up down out off
get got getting gets go goes going went come came make makes made say says said see seen saw know knows knew think
thinks thought like want wants wanted use uses used using one two three first last next new good bad way lot bit kind
ok okay yes yeah yep oh well maybe probably actually basically literally please thanks thank hi hello hey let let's
u ur im ive etc eg ie vs via per s t d m re ve ll back put take took give gave there's that's he's she's we're
through none half ask asked bring brought turn turned try tried they're we've they've you've who's what's it'll you'll
we'll they'll name company link number secret
all under else whether already everybody anybody somebody far four five six seven eight nine ten
january february april june july august september october november december
"""
_CONTRACTIONS = """
i'd you'd he'd she'd it'd we'd they'd that'd there'd who'd he'll she'll that'll there'll who'll i've you've we've they've
who've that've there've could've should've would've might've must've here's where's when's why's how's that're there're
who're y'all
"""
_RUSSIAN = """
и в во на с со к ко о об от до из за по под над при про для у а но да или что чтобы как так же ли бы б то это этот эта
эти этого этой этих этом тот та те того той тех том я ты он она оно мы вы они меня мне мной тебя тебе его ее её ей ему
им их них нам нас вам вас нами вами мой моя мое мои твой наш наша наше наши ваш ваша ваше ваши свой своя свои своих
себя себе был была было были быть буду будет будут есть если когда где куда откуда там тут здесь уже еще ещё только
даже вот ну вообще просто очень тоже также потом теперь сейчас сегодня раз все всё всех всем весь вся кто который
которая которое которые которых такой такая такие какой какая какие какой-то что-то кто-то можно надо нужно ведь лишь
чем потому поэтому хотя почему зачем через после перед между один два три день неделя год спасибо пожалуйста привет
имя компания ссылка мочь стать сказать говорить знать делать сделать
"""
_GERMAN = """
der die das den dem des ein eine einen einem einer eines und oder aber wenn dann dass ob als wie so auch noch nur schon
doch mal ja ich du er sie es wir ihr mich mir dich dir ihm ihn uns euch mein meine dein sein seine unser unsere euer ist
sind war waren sei bin bist hat haben habe hatte wird werden wurde kann können konnte soll sollte muss müssen will wollen
in im an am auf aus bei beim mit nach von vom vor zu zum zur über unter für durch gegen um bis seit hier da dort was wer
wo warum weil man sehr mehr jetzt heute alles etwas diese dieser dieses diesen danke bitte hallo
"""
_SPANISH = """
el la los las un una unos unas y o pero si que de del al a en con por para como más ya también solo yo tú él ella
nosotros ellos me te se nos lo le les mi tu su sus nuestro es son era fue ser estar está están hay he ha han había tengo
tiene muy este esta esto estos estas ese esa eso cuando donde porque qué quién todo toda algo hoy ahora gracias hola
"""
_FRENCH = """
le la les un une des et ou mais si que de du au aux à en dans avec par pour comme plus aussi je tu il elle nous vous ils
me te se mon ma mes ton son sa ses notre votre leur est sont était être avoir ai as a avons ont ce cet cette ces quand où
parce qui quoi tout très ici merci bonjour c'est j'ai
"""

STOP_WORDS = frozenset(f"{_ENGLISH} {_CONTRACTIONS} {_RUSSIAN} {_GERMAN} {_SPANISH} {_FRENCH}".split())
"""Lower-case words of all languages together: a text's language is sometimes guessed wrong."""
