"""Frequent first names, in lower case: a capitalised one is taken for a person even if no source knows them.

Names that are also everyday words (Will, Mark, May, Grace, Hope, Rich, Bill, Art, Vera, Надежда, Вера, Любовь)
are left out: at the start of a sentence they would be taken for people far too often.
"""

from __future__ import annotations

FIRST_NAMES = frozenset(
    """
    aaron adam adrian aisha alan albert alejandro alex alexander alexandra alexey alice alicia alina amanda amir
    amy ana anastasia andrea andreas andrew andrey angela anita anke anna anne anton antonio arjun arthur ashley
    barbara beatriz ben benjamin bernd bob boris brandon brian bruce camila carla carlos carmen carol caroline
    catherine chantal charles charlotte chloe chris christian christina christine christopher claire claudia colin
    craig cristina cynthia daniel daniela dave david deborah dennis derek diana diego dieter dmitri dmitry donald
    donna doris dorothy douglas edward elena elizabeth ella ellen emily emma enrique eric erik ethan eugene evan
    evelyn fatima felix fernando fiona florian francesca francisco frank fred frederik gabriel galina gary george
    gerald gerhard giulia gordon greg gregory hannah hans harold harry heather heike heinz helen henry holger hugo
    ian igor ingrid irina isabel isabella ivan jack jacob jake james jan jane janet jason javier jean jeff jeffrey
    jennifer jens jeremy jessica jim jing joan joe joel joerg johan johannes john jonathan jordan jorge jose
    joseph joshua juan judith julia julian julie justin jürgen kai karen karin karl katarina kate katherine
    kathleen katja keith kelly ken kenneth kevin kirill klaus konstantin kristin kurt kyle lars laura lauren
    laurent lena leo leon leonard liam linda lisa logan louis lucas lucia luis luisa lukas luke lydia maksim
    manuel marc marcel marcus margaret maria marie marina mario markus marta martha martin mary matthew matthias
    max maxim megan melissa michael michaela michelle miguel mike mikhail mohamed mohammed monica monika nadia
    nancy naomi natalia natalie natasha nathan nicholas nicole nigel nikita nikolai nina noah nora oleg olga
    oliver olivia omar oscar pablo pamela patricia patrick paul paula pavel pedro peter petra philip phillip
    pierre priya rachel rafael rahul rainer ralf ralph ramon raymond rebecca renate ricardo richard robert roberto
    rodrigo roger roland roman ronald rosa ruben ruslan russell ruth ryan sabine sam samantha samuel sandra sara
    sarah scott sean sebastian sergei sergey sergio sharon silvia simon sofia sonia sophia sophie stanislav stefan
    stefanie stephanie stephen steve steven stuart susan susanne sven svetlana sylvia tamara tanja tatiana teresa
    terry theresa thomas tim timothy tina tobias todd tom toni tony tracy tyler ulrich ursula uwe valentina
    valeria vanessa veronica victor victoria viktor vincent virginia vitaly vladimir walter wei wendy werner
    wolfgang yana yulia yuri yusuf zachary zoe
    александр александра алексей алина алиса алла анастасия анатолий андрей анжела анна антон артем артём борис
    вадим валентин валентина валерий валерия василий виктор виктория виталий владимир владислав вячеслав галина
    георгий григорий даниил дарья денис дмитрий евгений евгения екатерина елена елизавета иван игорь илья инна
    ирина кирилл константин ксения лариса леонид лидия максим маргарита марина мария михаил наталия наталья никита
    николай нина оксана олег ольга павел петр полина пётр роман руслан светлана семён сергей софия станислав
    степан тамара татьяна тимур ульяна фёдор эдуард юлия юрий яна ярослав
    """.split()  # noqa: SIM905 - a list of quoted names cannot be read
)
"""Lower-case first names of English, German, Spanish and Russian speakers and their neighbours."""
