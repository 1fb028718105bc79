"""Word lists and patterns of the lexicon engine, written for this project."""

# ruff: noqa: SIM905 - word lists read better as lines of words
from __future__ import annotations

from monitor.domain.scores import ComplaintTag, ContactChannel


def _valences(groups: dict[float, str]) -> dict[str, float]:
    return {word: value for value, words in groups.items() for word in words.split()}


MOOD_WORDS = _valences(
    {
        2.0: "love loved loves loving amazing awesome excellent fantastic wonderful perfect brilliant superb "
        "outstanding delighted best thrilled люблю обожаю отлично отличный отличная отличное прекрасно супер "
        "великолепно лучший лучшая лучшее восторге шикарно",
        1.2: "good great nice happy glad enjoy enjoyed enjoying helpful thanks thank useful easy fun cool pleased "
        "recommend smooth reliable impressed beautiful friendly win congrats excited smile хорошо хороший хорошая "
        "хорошее спасибо удобно удобный удобная нравится доволен довольна рад рада молодцы быстро рекомендую "
        "благодарю помогли классно класс приятно круто",
        0.6: "fine better works okay worth solid clean clear neat improved likes like нормально неплохо работает",
        -0.7: "slow confusing expensive missing issue issues problem problems stuck late lacking delay delayed "
        "unclear долго дорого проблема проблемы сложно непонятно медленно",
        -1.3: "bad annoying annoyed annoys disappointed disappointing sad unhappy poor broken fail failed fails "
        "failing angry sick tired crash crashes crashing bug bugs buggy hate hates useless wrong worse boring "
        "frustrating frustrated ugly rude ignored ignore spam spammy spamming intrusive unwanted relentless "
        "nagging pushy misleading fake плохо плохой плохая плохое ужас бесит раздражает надоел надоели надоело "
        "надоедает достали достал замучили задолбали глючит тормозит ошибка ошибки обман спам навязчивый навязывают "
        "навязчиво невозможно разочарован разочарована отвратительно",
        -2.2: "terrible awful horrible worst disgusting disaster scam pathetic garbage trash crap hated despise "
        "nightmare unacceptable horrendous ужасно ужасный ужасная худший худшая мошенники кошмар отвратительный "
        "ненавижу",
    }
)
NEGATIONS = frozenset("not no never without hardly cannot не нет ни без никогда".split())
STRONG = frozenset(
    "very really so extremely absolutely totally completely too such очень крайне совсем совершенно так".split()
)

MARKETING = (
    r"\b(?:e-?mails?|newsletters?|notifications?|push(?:es)?|pop-?ups?|banners?|promo\w*|advert\w*|ads?|offers?|"
    r"marketing|sms|texts|calls?|calling|upsell\w*|sales|spam\w*|unsubscrib\w*|opt(?:ed|ing)?[ -]?out|discounts?|"
    r"deals?|messages|telemarket\w*)\b|рассыл|реклам|уведомлен|письм|звон|смс|спам|скидк|акци[яиюй]|предложени|"
    r"отпис|навяз|баннер|пуш"
)
TAG_PATTERNS = {
    ComplaintTag.TOO_MANY_MESSAGES: (
        r"too many|too much|too often|every (?:single )?(?:day|hour|week)|daily|constant(?:ly)?|non-?stop|relentless|"
        r"bombard\w*|flood\w*|endless|times a (?:day|week)|barrage|каждый день|постоянн\w*|бесконечн\w*|слишком "
        r"(?:часто|много)|по \d+ раз|заваливают|замучили|достали|задолбали"
    ),
    ComplaintTag.CANNOT_UNSUBSCRIBE: (
        r"unsubscrib\w*|opt(?:ed|ing)?[ -]?out|stop (?:e?-?mailing|sending|calling|texting|spamming)|take me off|"
        r"turn(?:ed)? (?:them |it |these )?off|отпис\w*|отключить|не отключ\w*|уберите меня"
    ),
    ComplaintTag.IRRELEVANT: (
        r"irrelevant|not relevant|nothing to do with|already (?:bought|paid|have|subscribed|a customer)|"
        r"don'?t need|not interested|wrong (?:person|name)|неинтересн\w*|не интересу\w*|не нужн\w*|уже купил\w*"
    ),
    ComplaintTag.PUSHY_SALES: (
        r"push(?:y|ing)|upsell\w*|pressur\w*|hard sell|sales ?(?:pitch|call|rep)\w*|aggressive(?:ly)?|навяз\w*|"
        r"впарива\w*|втюх\w*"
    ),
    ComplaintTag.IN_APP_INTERRUPTION: (
        r"pop-?ups?|banners?|full.?screen ads?|push notifications?|interrupt\w*|всплыва\w*|баннер\w*|пуш\w*"
    ),
    ComplaintTag.UNSOLICITED_CONTACT: (
        r"unsolicited|never (?:signed|asked|subscribed|gave|agreed)|cold.?(?:call|e?-?mail)\w*|junk mail|spam\w*|"
        r"telemarket\w*|robocall\w*|спам\w*|не подписывал\w*|не давал\w* соглас\w*|звонят с"
    ),
    ComplaintTag.MISLEADING_PROMO: (
        r"mislead\w*|click ?bait\w*|false (?:advert\w*|urgency|promis\w*)|fake (?:offers?|discounts?|deals?|ads?)|"
        r"bait and switch|not what (?:was|they|the ad)|deceptive|обман\w*|ложн\w* реклам\w*|недостоверн\w*"
    ),
    ComplaintTag.PRIVACY: (
        r"(?:sell|sold|selling|sharing|shared|share) (?:my|our|your|customer\w*|personal) (?:data|e?-?mail|info\w*|"
        r"number|details)|my (?:data|number) (?:was|to) (?:sold|third)|персональн\w* данн\w*|слили|продали мо\w*"
    ),
    ComplaintTag.DISCOUNT_PROMO: (
        r"discounts?|promo ?codes?|coupons?|black friday|flash sales?|new customers? (?:only|get)|vouchers?|"
        r"cashback offers?|скидк\w*|промокод\w*|акци[яию]\b"
    ),
}
CHANNEL_PATTERNS = {
    ContactChannel.EMAIL: r"\be-?mail\w*|newsletters?|inbox|mailing|unsubscrib\w*|рассыл\w*|письм\w*|на почту",
    ContactChannel.SMS: r"\bsms\b|text messages?|texting me|\bсмс|эсэмэс",
    ContactChannel.CALL: r"\bcalls?\b|\bcalling\b|telemarket\w*|phone me|robocall\w*|звон\w*",
    ContactChannel.PUSH: r"push(?:es)? notif\w*|notifications?|\bпуш\w*|уведомлен\w*",
    ContactChannel.IN_APP: r"pop-?ups?|banners?|in-?app|всплыва\w*|баннер\w*",
    ContactChannel.MESSENGER: r"whats ?app|telegram|viber|messenger|ватсап\w*|вотсап\w*|телеграм\w*",
    ContactChannel.EVENT: r"webinars?|conference|вебинар\w*",
    ContactChannel.SOCIAL: r"linkedin|facebook|instagram|twitter|соцсет\w*",
    ContactChannel.ADS: r"\bads?\b|advert\w*|commercials?|реклам\w*",
}
