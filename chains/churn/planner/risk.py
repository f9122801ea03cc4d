"""Finds what the question says of risk and of renewals."""

from __future__ import annotations

from collections.abc import Iterable

from chains.churn.planner.categories import CUSTOMER_NOUNS
from chains.churn.planner.reading import Reading
from chains.churn.planner.tables import word_set

_GO = (
    r"(?:leav(?:e|es|ing)|churn(?:ing|s)?|cancel(?:s|l?ing)?(?: (?:on|with) us)?(?: (?:their|the|its) (?:contracts?"
    r"|subscriptions?|licen[sc]es?|accounts?))?|quit(?:ting)?|walk(?:ing|s)?(?: (?:away|out|off))?|go(?:ing)?(?: away"
    r"| elsewhere)?"
    r"|defect(?:ing|s)?|drop(?:ping)? (?:out|us|off)|switch(?:ing|es)?(?: away| to (?:a )?competitors?| vendors?"
    r"| providers?)?|mov(?:e|ing) (?:away|on|elsewhere)|jump(?:ing)? ship|part(?:ing)? ways|terminat(?:e"
    r"|ing)(?: (?:their|the) contracts?)?"
    r"|abandon(?:ing)?|bail(?:ing)?(?: out| on us)?|bolt|not (?:to )?renew|non renewal|not renewing|lapse"
    r"|slip(?:ping)? away|fall(?:ing)? away|be lost|ditch(?:ing)?|dump(?:ing)?|say(?:ing)? (?:goodbye|bye)|disappear"
    r"|desert|give up on us|break up with us|stop (?:working with us|using us|paying))(?: (?:on |from )?us)?"
)
_OF = (
    rf"(?: (?:of|for|to|de|d) (?:(?:us )?(?:{_GO}|churn(?:ing)?|attrition|loss|being lost|cancell?ation|non renewal"
    r"|abandono|fuga|resiliation|depart|perte|baja)))"
)
STATE = (
    r"(?:at|on) (?:an? |the |any |our )?(?:(?:serious|great|greater|greatest|severe|significant|real|some|most|acute"
    rf"|immediate|imminent|biggest|highest|higher|increased|churn|renewal) ){{0,2}}risks?{_OF}?"
    rf"|risk(?:s|ing|ed)? {_GO}"
    r"|(?:most |more |very |highly |quite |really |particularly )*(?:likely|liable|prone|about|set|threatening"
    r"|planning|thinking|tempted|considering|looking|wanting|ready|poised|expected|going|gonna|bound|inclined|keen"
    rf"|want|wants|wish|intend|intending|plan|threaten|preparing|hinting)(?: (?:to|of|about|at|on))* {_GO}"
    r"|(?:might|may|could|will|would|can|ll|are) (?:well |soon |likely |be |potentially |possibly |actually "
    rf"|probably |also )*{_GO}"
    r"|(?:(?:might|may|will|would|do|does|did|could|won|don|doesn|wouldn|are|is|aren|isn)(?: t)? )?(?:not|t"
    r"|unlikely to|fail(?:s|ing)? to|refus(?:e|es|ing) to) (?:be )?(?:likely to )?(?:to )?renew(?:ing|al|ed)?"
    r"|non renewals?"
    r"|(?:might|may|could|will|would|we|ll|likely to|about to|going to|risk|afraid to) (?:be )?los(?:e|ing)|los(?:e"
    r"|ing)(?= (?:the |us |this |next |in |by |~|\?|to |most |\.))|getting lost"
    r"|(?:in|at) (?:danger|jeopardy|trouble)(?: of \w+(?: us)?)?|endangered|jeopardi[sz]ed|wobbl(?:y|ing)|shaky"
    r"|unhappy|dissatisfied|vulnerable|flight risks?|red flags?|precarious|imperil+ed"
    r"|for (?:customer )?retention|retention (?:efforts?|focus|calls?|campaigns?|risks?)|on (?:the )?(?:brink|edge"
    r"|fence|rocks|way out|verge)(?: of \w+(?: us)?)?|one foot out (?:of )?the door|about to go|slipping(?: away)?"
    r"|at stake|fading|cooling off|going cold|hanging by a thread"
    r"|(?:be |am |are |is |most )*(?:worr(?:y|ied|ying|ies)|concern(?:ed|ing)|nervous|afraid|anxious)(?: (?:me|us"
    r"|you))?(?: (?:about|for|over|of))?|losing sleep(?: over)?|(?:needs?|needing|require|deserve)s? (?:(?:my|our"
    r"|urgent|immediate|most|special|some|the|extra|more) )*(?:attention|saving|rescuing|rescue|help|love)"
    r"|(?:churn|flight|attrition|retention) (?:candidates?|prone|threatened|threats?|risks?|danger|watch)|churn risk"
    r"|churn(?:ing|ers?|s)?(?: (?:on )?us)?|attrition|leavers|leav(?:e|es|ing)(?: us)?|walk(?:s|ing)? (?:away|out)"
    r"|jump(?:s|ing)? ship|defect(?:s|ing|ors)?|cancell?(?:s|l?ing|ation|ations)?(?: (?:their|the) (?:contracts?"
    r"|subscriptions?))?|quit(?:ting)?|turn(?:ing)? their backs?(?: on us)?|goodbye"
    r"|risk(?:y|ier|iest)(?: (?:of|ones?))?|(?:most |the )*(?:at risk|endangered|threatened|exposed)"
    rf"|(?:the )?(?:highest|greatest|biggest|largest) (?:churn )?risks?{_OF}?|exposure|worst"
    r"|abwanderungs\w*|abwander\w*|abzuwandern|abspring\w*|abzuspringen|kundig(?:en|t|ung|ungs\w*)|zu kundigen"
    r"|gefahrdet\w*|riskantest\w*|riskant\w*|wackel\w*|verlieren|drohen|droht|risiko\w*|weg(?:gehen|zugehen|laufen)"
    r"|(?:a |en |presentan? )?(?:risque|risquent|risques?)(?: (?:de|d) (?:nous )?(?:churn|depart|partir|resilier"
    r"|resiliation|perte|quitter|attrition|desabonnement|quitter|les perdre))?|(?:nous )?(?:quitter|partir|resilier)"
    r"|resiliation|menaces|churner"
    r"|(?:en |mayor |mas )*riesgo(?: (?:de|en) (?:abandono|fuga|churn|perdida|cancelacion|irse|baja|perderse|abandonar"
    r"|cancelar))?|abandon(?:o|ar|en|aran)|fuga|irse|marcharse|perder|cancelar|darse de baja|se vayan"
)  # fmt: skip
ATTRIBUTE = (
    r"(?:churn |renewal |retention |leaving )?(?:risks?|probabilit(?:y|ies)|likelihoods?|chances?|odds|health"
    r"|exposures?)(?: (?:scores?|levels?|ratings?|bands?|profiles?|picture|status|situation|distribution|overview))?"
    r"(?: (?:of|to|for|that they|they) (?:(?:us )?(?:churn(?:ing)?|leav(?:e|ing)|loss|losing|cancell?ing|attrition"
    r"|not renewing|will leave|will churn)))?|how (?:risky|likely|safe|healthy|endangered|bad)"
)
ALL = (
    r"(?:all|every|each|entire|whole|complete|full|alle|tous|todos|todas|toutes|samtliche)(?= (?:(?!at |that |which "
    rf"|who |risk |is |are |and )[^ ,.;?!]+ ){{0,6}}(?:{CUSTOMER_NOUNS}|base|book|portfolio|ones)(?: |$))|everyone"
    r"|everybody"
)
_RENEW = (
    r"(?:(?:(?:come|comes|coming|are|is|up|due|falling|scheduled|set|due to|going) )*(?:up )?(?:for "
    r"|to )?(?:be )?renew(?:s|ing|al|als|ed)?(?: (?:dates?|window|due|is due|falls?|falling|comes? up|coming up"
    r"|are due|fall))*"
    r"|(?:whose |with |have |has |their |the |a )*(?:contracts?|subscriptions?|agreements?|terms?|licen[sc]es?"
    r"|deals?)(?: (?:that|which|are|is|will|terms?|dates?|up|coming|come|due|set|to|be|about|s))* (?:end(?:s|ing)?"
    r"|expir(?:e|es|ing|y|ation)|run(?:s|ning)? out|laps(?:e|es|ing)|up|finish(?:es|ing)?|terminat(?:e|es|ing)|due"
    r"|over|renewal)(?: (?:dates?|due))?"
    r"|expir(?:e|es|ing|y|ations?|ies)|(?:contracts? )?end dates?|laps(?:e|es|ing)|up for (?:grabs|renewal)|run(?:s"
    r"|ning)? out"
    r"|verlanger\w*|vertragsend\w*|vertrag\w*(?: \w+)? (?:endet|enden|auslauft|auslaufen|ablauft)"
    r"|(?:deren |mit )?vertrag\w*(?= (?:\S+ ){0,4}(?:endet|enden|auslauft|auslaufen|ablauft))|auslauft|auslaufen"
    r"|ablauft|renouvel\w*|echeances?"
    r"|renov(?:acion|aciones|ar|an|aran)|(?:(?:cuyo )?contratos? (?:que )?)?venc(?:e|en|imiento)\w*"
    r"|contrats? (?:qui )?(?:arrivent?|expirent?|expire|finit))"
)  # fmt: skip

_SAFEST = (
    r"(?:safest|healthiest|happiest|soundest|most (?:loyal|stable|secure|satisfied)|lowest(?: churn)? risks?"
    r"|least (?:at risk|in danger|risky|risk|endangered|threatened|vulnerable|concerning|worrying"
    r"|likely to (?:churn|leave|cancel|quit|go))|(?:am )?(?:sichersten|gesundesten)"
    r"|am wenigsten (?:gefahrdet\w*|riskant\w*)"
    r"|(?:les )?(?:plus surs?|plus sains?|moins risques|moins a risque)|(?:los |las )?(?:mas segur[oa]s|mas san[oa]s"
    r"|menos riesgo|menor riesgo))(?: first)?"
)


def take_risk(reading: Reading) -> list[tuple[int, int]]:
    """Take every wording that somebody is at risk, and give its places."""
    return [(hit.first, hit.last) for hit in reading.take_all(STATE)]


def take_attributes(reading: Reading) -> bool:
    """Take every wording of risk as a figure ("churn probability"); whether there was one."""
    return bool(reading.take_all(ATTRIBUTE))


def take_renewals(reading: Reading) -> list[tuple[int, int]]:
    """Take every wording of renewals or contract ends, and give its places."""
    return [(hit.first, hit.last) for hit in reading.take_all(_RENEW)]


def asks_for_all(reading: Reading) -> bool:
    """Whether the question wants all accounts of some kind."""
    return reading.first(ALL) is not None


def names_customers(words: Iterable[str]) -> bool:
    """Whether the words speak of customers or accounts at all."""
    return not word_set("risk_customer_words").isdisjoint(words)


def flag_safest(reading: Reading) -> list[str]:
    """Flag every wording of the accounts least at risk, which no order can put first, and give the user's words."""
    return [reading.original(hit.first, hit.last) for hit in reading.take_all(_SAFEST, "flag")]
