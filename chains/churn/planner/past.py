"""Finds what a question says of customers who have gone already, which no score of the future answers."""

from __future__ import annotations

from chains.churn.planner.reading import Reading
from chains.churn.planner.tables import topics, word_set

_WHO = r"(?:customers?|clients?|accounts?|compan(?:y|ies)|logos?|who|that|which|many|much)"
_GONE = (
    r"(?:left|quit|cancell?ed|churned|departed|defected|terminated|walked away|jumped ship|lapsed|switched away"
    r"|stopped paying|been lost)"
)
_PERIOD = (
    r"(?:last|past|previous|prior)(?: (?:fiscal|few|couple of|\d+|two|three|six|twelve))* (?:weeks?|months?|quarters?"
    r"|halves|half|years?)"
)
_PAST = (
    rf"(?:have|has|had|ve|haven t|hasn t) (?:(?:already|just|recently|ever|since|actually) )*{_GONE}(?: (?:on "
    rf"|with )?us)?"
    rf"|{_WHO} (?:in [^ ]+ |from [^ ]+ )?(?:already |just |recently )?{_GONE}(?: (?:on |with )?us)?(?! (?:to|in the"
    rf"|over|on|with))"
    r"|churned(?: on us)?|left us|quit on us|cancell?ed on us"
    r"|(?:did|have|had|ve|do) (?:we|i) (?:already |recently )*(?:lose|lost)|(?:we|i) (?:(?:have|ve|had|already"
    r"|recently|just) )*lost"
    r"|did(?: not|n t| t)?(?: (?:the|our|my|these|those|any|most|many|~|[^ ,.;:?!]+)){0,3}? (?:leave|churn|cancel"
    r"|quit|defect|renew)"
    r"(?: us)?|didn t renew"
    r"|(?:lost|former|ex|churned|cancell?ed|departed|bygone) (?:customers?|clients?|accounts?|logos?|ones)"
    r"|(?:were|was|got|been) lost"
    rf"|{_WHO} (?:that |who |which )?(?:have |has )?renewed"
    rf"|(?:churn(?:ers?)?|attrition|loss(?:es)?|leavers)(?: rate)?(?: (?:in|over|during|of|for|from"
    rf"|by))?(?: the)? {_PERIOD}"
    rf"|{_PERIOD}(?: s)? (?:churn(?:ers?)?|attrition|loss(?:es)?|leavers)"
    r"|(?:haben|hat|hatten)(?: [^ ,.;:?!]+){0,4}? (?:gekundigt|verloren|verlassen)|(?:gekundigt|verloren"
    r"|verlassen) (?:haben|hat|wurden)"
    r"|verlorene?n? (?:kunden|konten)|abgewandert\w*|(?:ehemalige|gekundigte)n? kunden|kundigten|wurden gekundigt"
    r"|(?:ont|avons|a|avez)(?: [^ ,.;:?!]+){0,3}? (?:resilie|perdus?|quittes?|churne)|(?:clients|comptes) perdus|partis"
    r"|perdimos|perdieron|cancelaron|abandonaron|se fueron|nos dejaron|(?:han"
    r"|hemos)(?: [^ ,.;:?!]+){0,2}? (?:cancelado|perdido"
    r"|abandonado|dejado|ido)|clientes perdidos|se dieron de baja"
)
_CLAUSE = 6


def take_past(reading: Reading) -> bool:
    """Flag every wording of customers lost before today; whether there was one.

    What left is a customer, not a champion or a seat, and an order that was cancelled is none either.
    """
    found = False
    for hit in list(reading.find(_PAST)):
        around = reading.words[max(hit.first - _CLAUSE, 0) : hit.first]
        after = reading.words[hit.last : hit.last + 2]
        if not topics().isdisjoint(around) or _is_of_something(after):
            continue
        reading.take(hit.first, hit.last, "flag")
        found = True
    return found


def _is_of_something(after: list[str]) -> bool:
    """Whether something other than a contract was cancelled ("cancelled their training")."""
    if len(after) < 2 or after[0] not in {"their", "the", "a", "an", "our", "its"}:
        return False
    return after[1] not in word_set("past_contracts")
