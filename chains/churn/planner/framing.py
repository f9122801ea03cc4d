"""Takes the frame around a question: who asks, on which occasion, and the polite words at either end."""

from __future__ import annotations

from functools import cache

from chains.churn.planner.drafts import NOUN
from chains.churn.planner.reading import Reading
from chains.churn.planner.tables import table

_START = r"(?:^|(?<=[.,:;!?~-] ))"
_CLOSED = r"(?= [.,:;!?-]|$)"
_POLITE = (
    r"(?:(?:thank you|thanks|many thanks|thx|merci|gracias) )?(?:so much )?in advance|(?:so|very) much(?= in advance"
    r"|$| !)"
    r"|at your (?:earliest )?(?:convenience|leisure)|(?:when|whenever|once|if|as soon as) you (?:have|get|find|ve got)"
    r" (?:a|the|some|one)(?: free| spare| quick)?(?: minute| moment| second| sec| chance| time| bit of time)"
    r"|if you (?:don t mind|wouldn t mind|would|can|could|have time|please|like)|(?:just )?out of (?:pure )?curiosity"
    r"|just curious|sorry (?:to|for) (?:bother|bothering|disturb|disturbing|trouble)(?: you)?(?: again)?"
    r"|(?:i )?hope (?:you|this|all|everything)(?: [^ .,:;!?]+){1,5}|long story short|the (?:back ?)?story(?= (?:with"
    r"|behind|of|on|at) )|to make a long story short"
    r"|(?:just )?for the record|(?:just )?for my (?:own )?(?:information|understanding|records|reference)"
    r"|asking for a friend"
    r"|(?:a )?(?:quick|short|small|little|simple) (?:one|question|ask|favou?r|thing|request|check)"
    r"|(?:could|can|would) you do me a favou?r|do me a favou?r|(?:a |quick )*(?:rundown|run down|round up)(?= of| on|$)"
    r"|heads up|fyi|btw|by the way|as (?:discussed|promised|requested|agreed|mentioned|always|usual|you know)"
    r"|first things first|to be (?:clear|honest|safe|sure|precise)|to cut it short|tl dr|no (?:rush|hurry|pressure)"
    r"|(?:very )?much appreciated|(?:i |we )?(?:would |d )?(?:really )?appreciate (?:it|this|that|your help)"
    r"|much obliged|(?:kind|best|warm) ?regards|have a (?:nice|good|great) (?:day|one|weekend|evening)"
    r"|what would you say|let me know|if (?:at all )?possible|would it be possible|one more thing|another thing"
    r"|(?:i )?(?:am |m )?(?:just )?trying to (?:figure|find|work) out|i was wondering(?: if| whether)?|(?:je "
    r"|ich )?(?:brauche"
    r"|benotige) (?:das|dies|es)|vielen dank(?: im voraus)?|danke (?:dir|ihnen|im voraus|schon mal|vorab)|(?:viele"
    r"|liebe|beste)"
    r" grusse|merci (?:beaucoup|d avance|par avance)|s il te plait|gracias de antemano|muchas gracias|un saludo|saludos"
)
_VOCATIVE = r"(?:mate|buddy|dude|man|pal|friend|friends|folks|team|everyone|guys|y all|boss)"
_CONTEXT = r"(?:preparing|prepping|prep|prepare|working|getting ready|gearing up|in preparation|prework|pre read|input)"
_MAKING = (
    r"(?:putting together|pulling together|building|drafting|writing|compiling|assembling|preparing|planning|prepping"
    r"|drawing up|finali[sz]ing|doing|running|hosting|holding|joining|attending|leading)"
)
_FOR = (
    r"(?:(?:(?:i|we) (?:need|want) (?:this|that|it|these)|it s|it is|this is|that s|all this is|to be (?:discussed"
    r"|presented"
    r"|shown|used|reviewed|covered)(?: in)?) )?(?:for|ahead of|before|prior to|in preparation (?:for|of)|at|during"
    r"|part of"
    r"|in time for|as input (?:for|to)|in light of|in view of|fur|zur|vor|pour|avant|para|antes de)"
)
_BEFORE_LEAVING = (
    rf"before (?:i|we) (?:go|leave|head|log|meet|talk|speak|call|see|step|sit)(?: [^ .,:;!?]+){{0,4}}{_CLOSED}"
)


def take_frame(reading: Reading) -> frozenset[int]:
    """Take the words that only wrap the question, and give their places."""
    somebody_meant = reading.has_any(("his", "her", "their"))
    patterns: list[str] = []
    # Patterns are long to build and to match, so only those are tried whose telling word occurs.
    if reading.has_any(_word_set("roles")):
        patterns += _of_roles()
    if _names_occasion(reading):
        patterns += _of_occasions(somebody_meant)
    places: set[int] = set()
    for pattern in (*patterns, *_PLAIN):
        for hit in reading.take_all(pattern):
            places.update(range(hit.first, hit.last))
    return frozenset(places | _signature(reading))


def _names_occasion(reading: Reading) -> bool:
    twice = any(reading.words.count(word) > 1 for word in ("1", "one"))
    return twice or reading.has_any(_word_set("occasions") | {"kick", "hands", "stand", "catch"})


@cache
def _role() -> str:
    words, roles = _any_of("role_words"), _any_of("roles")
    # Every repeat has a bound: a word stands in several of the lists, and text made to be slow would be.
    return rf"(?:(?:{words}) ){{0,5}}(?:{roles})(?: (?:{words}|{roles})){{0,3}}"


@cache
def _of_roles() -> tuple[str, ...]:
    """Wordings of who asks, or who wants to know."""
    role = _role()
    somebody = rf"(?:(?:my|our|the|your) (?:[^ .,:;!?~]+ ){{0,3}}?(?:{_any_of('roles')})|{role})"
    return (
        rf"{_START}(?:(?:speaking )?as|in my (?:role|capacity|position|job) as|being|(?:i|we) (?:am|are|m|re)|als"
        rf"|ich bin"
        rf"|je suis|soy|en tant que|como) {role}(?: here)?",
        rf"{_START}{role} here",
        rf"{_START}{somebody} {_ASKS}",
        rf"on behalf of (?:the |our |my )?{role}",
    )


@cache
def _of_occasions(somebody_meant: bool) -> tuple[str, ...]:
    """Wordings of what the answer is for; with `somebody_meant` the person met stays for "his" to point back to."""
    nouns, days = _any_of("occasions"), _any_of("days")
    day = (
        rf"(?: (?:on |this |next |am |le |el |de |du |del |vom )?(?:{days})(?: (?:morning|afternoon|evening))?"
        r"| next week| this week)?"
    )
    person = "" if somebody_meant else r"|[^ .,:;!?]+(?= [.,:;!?-])"
    met = rf"(?: with (?:the |our |my )?(?:(?:{_role()})|~(?: ~){{0,4}}{person})?)?"
    occasion = (
        rf"(?:(?:{_any_of('inside')}|{days}) ){{0,6}}?(?:{nouns}|1 : 1|one on one|kick off|all hands|stand up|catch up)"
        rf"(?: (?:{nouns})){{0,2}}(?: (?:of|on) (?:the )?(?:board|team|committee))?{met}{day}"
    )
    being = r"(?:(?:am|m|are|re|is|s|currently|busy) ){0,3}"
    having = r"(?:(?:ve|have|has|got|there s|there is) ){1,3}"
    return (
        rf"{_START}(?:(?:so )?(?:(?:i|we) )?{having}"
        rf"|(?:(?:i|we|it) )?{being}(?:to )?(?:{_CONTEXT}(?: (?:for|on|of|with|to)){{0,2}}|{_MAKING}) "
        rf"|(?:heads up )?{_FOR} ){occasion}",
        rf"(?:heads up )?{_FOR} {occasion}",
    )


_NAME = r"[^ .,:;!?]+"
_ASKS = (
    r"(?:(?:has |have |had |just ){0,2}asked|asks|is asking|are asking|keeps asking|wants?|wanted|needs?|needed"
    r"|would like"
    r"|d like|requested|requires?|expects?)(?: (?:me|us))?(?: (?:for|about|to (?:know|see|have|understand|get|hear)))?"
)
_PRONOUNS = "who|which|that|what|customers?|accounts?|clients?|i|we|they|you|it|he|she|and|or|~"
_PLAIN = (
    rf"{_START}(?:customer success|sales|finance|(?!(?:{_PRONOUNS}) )[^ .,:;!?~]+ from [^ .,:;!?~]+) here",
    rf"{_START}from (?:a|an|the|my|our) (?:[^ .,:;!?]+ ){{1,3}}(?:perspective|point of view|viewpoint|standpoint"
    rf"|angle)",
    rf"{_START}(?!(?:{_PRONOUNS}) )[^ .,:;!?~]+ (?:is asking|asked|wants|needs|would like) (?:me |us )?"
    r"(?:for|about|to know)",
    r"(?:(?:i|we) )?(?:need|have|want|got|ve) to (?:brief|update|inform|prepare|debrief)"
    rf"(?: (?!on |about ){_NAME}){{0,4}}(?: on| about)?",
    rf"{_START}{_BEFORE_LEAVING}",
    _POLITE,
    rf"(?:cheers|thanks|thx|hey|hi|hello|morning|ok|okay|please) {_VOCATIVE}|{_VOCATIVE}$",
    r"together with|along with|combined with|complete with",
    r"(?:also |and |then |please ){0,3}(?:add|attach|append|enclose|put together|come up with|throw in)"
    rf"(?: (?:also|me|us|to it))?(?= (?:[^ .,:;!?]+ ){{0,5}}{NOUN}(?: |$))",
    r"(?:how|where|wie|comment|como) (?:do|does|did|is|are|will|would)?(?: (?:things|it|we|~)){0,4} ?"
    r"(?:stand(?:s|ing)?|far(?:e|es|ing)|hold(?:ing)? up|shap(?:e|ing) up|hold(?:s|ing) on)"
    r"(?= with|$| \?| ,| \.| right| now)",
)


@cache
def _word_set(name: str) -> frozenset[str]:
    return frozenset(str(table("framing")[name]).split())


@cache
def _any_of(name: str) -> str:
    return "|".join(sorted(_word_set(name), key=lambda word: (-len(word), word)))


def _signature(reading: Reading) -> set[int]:
    """A name or two after the closing thanks, or after the greeting: "Thanks, Tom", "Hi Baton,"."""
    words, places = reading.words, set[int]()
    last = len(words)
    while last and words[last - 1] in {".", "!"}:
        last -= 1
    for first in (last - 1, last - 2):
        mark = first - 1 if first > 0 and words[first - 1] in {",", "-", "."} else first
        closes = mark > 2 and words[mark - 1] in _CLOSINGS
        if closes and all(reading.is_open(at) and reading.is_capital(at) for at in range(first, last)):
            reading.take(mark, last)
            places.update(range(mark, last))
    greets = words[:1] and words[0] in {"hi", "hello", "hey", "dear", "hallo", "bonjour", "hola"}
    if greets and len(words) > 3 and words[2] in {",", "!", ":", "-"} and reading.is_open(1):
        reading.take(0, 2)
        places.update({0, 1})
    return places


_CLOSINGS = frozenset({"thanks", "thx", "cheers", "regards", "grusse", "gruss", "danke", "merci", "gracias", "saludos"})
