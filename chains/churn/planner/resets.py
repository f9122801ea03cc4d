"""Finds the wish to go back from a narrowed answer to the whole list ("show all again", "start over")."""

from __future__ import annotations

import re

from chains.churn.planner.reading import Reading

_WHOLE = r"(?:whole|full|complete|entire|original|initial|first|previous|earlier|old|unfiltered)"
_LIST = r"(?:lists?|answers?|selections?|results?|set|question|overview|picture|accounts|customers|ones|view)"
_BACK = (
    rf"(?:(?:go|going|get|come|switch|return|take (?:me|us)|jump|bring) )?(?:back to|return to)(?: (?:the|my|our|that"
    rf"|all|of))*(?: {_WHOLE})*(?: {_LIST}|(?<=all)|(?<=beginning)| everything| everyone| beginning| start)"
    rf"|(?:the )?(?:whole|full|complete|entire|original|unfiltered) {_LIST}(?: again)?"
    rf"|(?:all|everything|everyone)(?: of (?:them|those|these))?(?: (?:the )?{_LIST})? (?:once )?(?:again|once more)"
    r"|start(?:ing)? (?:over|again|afresh|from (?:scratch|the beginning|the start))"
    r"|(?:zuruck|wieder) zur (?:(?:ganzen|vollstandigen|gesamten|ursprunglichen|kompletten) )?liste"
    r"|(?:wieder|nochmals?|noch mal|erneut) alle|alle (?:wieder|nochmals?|noch mal|erneut)|von vorne?|neu (?:anfangen"
    r"|starten|beginnen)|(?:die )?(?:ganze|gesamte|vollstandige|komplette|ursprungliche) liste"
    r"|(?:reviens|revenez|revenons|revenir|retour|retourne) a (?:la )?liste(?: (?:complete|entiere|initiale|originale"
    r"|de depart))?|(?:la )?liste (?:complete|entiere|initiale)|(?:tous|tout|toutes) (?:a nouveau|de nouveau|encore)"
    r"|a nouveau (?:tous|tout|toutes)|recommence[rz]?|reinitialise[rz]?"
    r"|(?:vuelve|volver|volvamos|vuelva|regresa|regresar) a (?:la )?lista(?: (?:completa|entera|original|inicial))?"
    r"|(?:la )?lista (?:completa|entera|original)|(?:todos|todo|todas) (?:otra vez|de nuevo|nuevamente)|(?:de nuevo"
    r"|otra vez) tod[oa]s?|(?:empezar|empieza|empecemos|empezemos|comienza) (?:de nuevo|otra vez|de cero)"
    r"|reinicia[r]?|restablece[r]?"
)
_ALONE = (
    r"(?:(?:please|ok|okay|now|just|can|could|you|we|let|s|lets|and|so|bitte|jetzt|s il te plait|svp|por favor) )*"
    r"(?:reset(?: (?:it|that|this|all|everything|the|list|filters?|selection|view))*|start new|restart|go back|back"
    r"|clear (?:it|all|everything|(?:the |all )?(?:filters?|selection|list))|undo (?:the )?(?:filters?|narrowing)"
    r"|back to all|zurucksetzen|zuruck|retour|atras|volver)(?: (?:please|now|bitte|svp|por favor))*"
)

# "The full list of SMB customers" is another list, not the earlier one.
_OF_OTHERS = r"(?! (?:of|with|where|who|that|which|in|for|mit|von|der|de|des|con|avec)(?: |$))"


def take_reset(reading: Reading) -> bool:
    """Whether the question goes back to the whole list; its words are taken."""
    text = " ".join(word for word in reading.words if word.isalnum())
    if re.fullmatch(_ALONE, text):
        reading.take(0, len(reading))
        return True
    return bool(reading.take_all(rf"(?:{_BACK}){_OF_OTHERS}"))
