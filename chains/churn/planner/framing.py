"""Takes the frame around a question: who asks, on which occasion, and the polite words at either end."""

from __future__ import annotations

from functools import cache

from chains.churn.planner.drafts import NOUN
from chains.churn.planner.reading import Reading
from chains.churn.planner.tables import table

_START = r"(?:^|(?<=[.,:;!?~-] ))"
_CLOSED = r"(?= [.,:;!?-]|$)"
_POLITE = (
    r"(?:(?:thank you|thanks|many thanks|thx|merci|gracias) )?(?:so much )?in advance|(?:so|very) much(?= in advance|$| !)"
    r"|at your (?:earliest )?(?:convenience|leisure)|(?:when|whenever|once|if|as soon as) you (?:have|get|find|ve got)"
    r" (?:a|the|some|one)(?: free| spare| quick)?(?: minute| moment| second| sec| chance| time| bit of time)"
    r"|if you (?:don t mind|wouldn t mind|would|can|could|have time|please|like)|(?:just )?out of (?:pure )?curiosity"
    r"|just curious|sorry (?:to|for) (?:bother|bothering|disturb|disturbing|trouble)(?: you)?(?: again)?"
    r"|(?:i )?hope (?:you|this|all|everything)(?: [^ .,:;!?]+){1,5}|long story short|to make a long story short"
    r"|(?:just )?for the record|(?:just )?for my (?:own )?(?:information|understanding|records|reference)|asking for a friend"
    r"|(?:a )?(?:quick|short|small|little|simple) (?:one|question|ask|favou?r|thing|request|check)"
    r"|(?:could|can|would) you do me a favou?r|do me a favou?r|(?:a |quick )*(?:rundown|run down|round up)(?= of| on|$)"
    r"|heads up|fyi|btw|by the way|as (?:discussed|promised|requested|agreed|mentioned|always|usual|you know)"
    r"|first things first|to be (?:clear|honest|safe|sure|precise)|to cut it short|tl dr|no (?:rush|hurry|pressure)"
    r"|(?:very )?much appreciated|(?:i |we )?(?:would |d )?(?:really )?appreciate (?:it|this|that|your help)"
    r"|much obliged|(?:kind|best|warm) ?regards|have a (?:nice|good|great) (?:day|one|weekend|evening)"
    r"|what would you say|let me know|if (?:at all )?possible|would it be possible|one more thing|another thing"
    r"|(?:i )?(?:am |m )?(?:just )?trying to (?:figure|find|work) out|i was wondering(?: if| whether)?|(?:je |ich )?(?:brauche"
    r"|benotige) (?:das|dies|es)|vielen dank(?: im voraus)?|danke (?:dir|ihnen|im voraus|schon mal|vorab)|(?:viele|liebe|beste)"
    r" grusse|merci (?:beaucoup|d avance|par avance)|s il te plait|gracias de antemano|muchas gracias|un saludo|saludos"
)
_VOCATIVE = r"(?:mate|buddy|dude|man|pal|friend|friends|folks|team|everyone|guys|y all|boss)"
_CONTEXT = r"(?:preparing|prepping|prep|prepare|working|getting ready|gearing up|in preparation|prework|pre read|input)"
_MAKING = (
    r"(?:putting together|pulling together|building|drafting|writing|compiling|assembling|preparing|planning|prepping"
    r"|drawing up|finali[sz]ing|doing|running|hosting|holding|joining|attending|leading)"
)
_FOR = (
    r"(?:(?:(?:i|we) (?:need|want) (?:this|that|it|these)|it s|it is|this is|that s|all this is|to be (?:discussed|presented"
    r"|shown|used|reviewed|covered)(?: in)?) )?(?:for|ahead of|before|prior to|in preparation (?:for|of)|at|during|part of"
    r"|in time for|as input (?:for|to)|in light of|in view of|fur|zur|vor|pour|avant|para|antes de)"
)
_BEFORE_LEAVING = rf"before (?:i|we) (?:go|leave|head|log|meet|talk|speak|call|see|step|sit)(?: [^ .,:;!?]+){{0,4}}{_CLOSED}"


def take_frame(reading: Reading) -> frozenset[int]:
    """Take the words that only wrap the question, and give their places."""
    places: set[int] = set()
    for pattern in _patterns(reading.has_any(("his", "her", "their"))):
        for hit in reading.take_all(pattern):
            places.update(range(hit.first, hit.last))
    places |= _signature(reading)
    return frozenset(places)


@cache
def _patterns(names_somebody: bool) -> tuple[str, ...]:
    """The wordings, in the order in which they may take words; a person met stays when "his" points back to them."""
    roles, role_words, nouns, days, inside = (_words(n) for n in ("roles", "role_words", "occasions", "days", "inside"))
    role = rf"(?:(?:{role_words}) ){{0,5}}(?:{roles})(?: (?:of|for|{role_words}|{roles}))*"
    day = rf"(?: (?:on |this |next |am |le |el )?(?:{days})(?: (?:morning|afternoon|evening))?| next week| this week)?"
    met = rf"(?: with (?:the |our |my )*(?:(?:{role})|~(?: ~)*)?)?"
    if not names_somebody:
        met = rf"(?: with (?:the |our |my )*(?:(?:{role})|~(?: ~)*|[^ .,:;!?]+(?= [.,:;!?-]))?)?"
    occasion = (
        rf"(?:(?:{inside}|{days}) )*?(?:{nouns}|1 : 1|one on one|kick off|all hands|stand up|catch up)"
        rf"(?: (?:{nouns}))*(?: (?:of|on) (?:the )?(?:board|team|committee))?{met}{day}"
    )
    asks = (
        r"(?:(?:has |have |had |just )*asked|asks|is asking|are asking|keeps asking|wants?|wanted|needs?|needed|would like"
        r"|d like|requested|requires?|expects?)(?: (?:me|us))?(?: (?:for|about|to (?:know|see|have|understand|get|hear)))?"
    )
    pronouns = "who|which|that|what|customers?|accounts?|clients?|i|we|they|you|it|he|she|and|or|~"
    somebody = rf"(?:(?:my|our|the|your) (?:[^ .,:;!?~]+ ){{0,3}}?(?:{roles})|{role})"
    return (
        rf"{_START}(?:(?:speaking )?as|in my (?:role|capacity|position|job) as|being|(?:i|we) (?:am|are|m|re)|als|en tant que"
        rf"|como) {role}(?: here)?",
        rf"{_START}(?:{role}|customer success|sales|finance|(?!(?:{pronouns}) )[^ .,:;!?~]+ from [^ .,:;!?~]+) here",
        rf"{_START}from (?:a|an|the|my|our) (?:[^ .,:;!?]+ ){{1,3}}(?:perspective|point of view|viewpoint|standpoint|angle)",
        rf"{_START}{somebody} {asks}",
        rf"{_START}(?!(?:{pronouns}) )[^ .,:;!?~]+ (?:is asking|asked|wants|needs|would like) (?:me |us )?(?:for|about|to know)",
        rf"on behalf of (?:the |our |my )?{role}",
        rf"(?:(?:i|we) )?(?:need|have|want|got|ve) to (?:brief|update|inform|prepare|debrief)"
        rf"(?: (?!on |about ){_NAME})*(?: on| about)?",
        rf"{_START}(?:so )?(?:(?:i|we) )?(?:(?:ve|have|has|got|there s|there is) )+{occasion}",
        rf"{_START}(?:(?:i|we|it) )?(?:(?:am|m|are|re|is|s|currently|busy) )*(?:to )?{_CONTEXT}(?: (?:for|on|of|with|to))*"
        rf" {occasion}(?: for {occasion})?",
        rf"{_START}(?:(?:i|we) )?(?:(?:am|m|are|re|currently|busy) )*{_MAKING} {occasion}(?: for {occasion})?",
        rf"(?:heads up )?{_FOR} {occasion}",
        rf"{_START}{_BEFORE_LEAVING}",
        _POLITE,
        rf"(?:cheers|thanks|thx|hey|hi|hello|morning|ok|okay|please) {_VOCATIVE}|{_VOCATIVE}$",
        r"together with|along with|combined with|complete with",
        r"(?:also |and |then |please )*(?:add|attach|append|enclose|put together|come up with|throw in)(?: (?:also|me|us|to it))?"
        rf"(?= (?:[^ .,:;!?]+ ){{0,5}}{NOUN}(?: |$))",
        r"(?:how|where|wie|comment|como) (?:do|does|did|is|are|will|would)?(?: (?:things|it|we|~))* ?"
        r"(?:stand(?:s|ing)?|far(?:e|es|ing)|hold(?:ing)? up|shap(?:e|ing) up|hold(?:s|ing) on)(?= with|$| \?| ,| \.| right| now)",
    )  # fmt: skip


_NAME = r"[^ .,:;!?]+"


def _words(name: str) -> str:
    return "|".join(sorted(set(str(table("framing")[name]).split()), key=lambda word: (-len(word), word)))


def _signature(reading: Reading) -> set[int]:
    """A name or two after the closing thanks, or after the greeting: "Thanks, Tom", "Hi Baton,"."""
    words = reading.words
    last = len(words)
    while last and words[last - 1] in {".", "!"}:
        last -= 1
    for first in (last - 1, last - 2):
        mark = first - 1 if 0 < first and words[first - 1] in {",", "-", "."} else first
        closes = mark > 2 and words[mark - 1] in _CLOSINGS  # noqa: PLR2004 - a bare "Thanks, Tom" asks nothing anyway
        if closes and all(reading.is_open(at) and reading.is_capital(at) for at in range(first, last)):
            reading.take(mark, last)
            return set(range(mark, last))
    greets = words[:1] and words[0] in {"hi", "hello", "hey", "dear", "hallo", "bonjour", "hola"}
    if greets and len(words) > 3 and words[2] in {",", "!", ":", "-"} and reading.is_open(1):  # noqa: PLR2004
        reading.take(0, 2)
        return {0, 1}
    return set()


_CLOSINGS = frozenset({"thanks", "thx", "cheers", "regards", "best", "grusse", "gruss", "danke", "merci", "gracias", "saludos"})
