"""Names the records do not know, told by what stands around them."""

from __future__ import annotations

import re
from collections.abc import Iterator

from chains.privacy.folding import fold
from chains.privacy.lexicon import given_names, ordinary_words
from chains.privacy.people import PARTICLES
from chains.privacy.spans import Span

PERSON = "[[person]]"
_RANK = 40

_UPPER = "A-ZÀ-ÖØ-ÞĀĂĄĆĈĊČĎĐĒĔĖĘĚĜĞĠĢĤĦĨĪĬĮİĴĶĹĻĽĿŁŃŅŇŊŌŎŐŒŔŖŘŚŜŞŠŢŤŦŨŪŬŮŰŲŴŶŸŹŻŽΑ-ΩА-Я"
_LETTER = r"[^\W\d_]"
_WORD = rf"[{_UPPER}](?:['’][{_UPPER}])?{_LETTER}*(?:[-'’]{_LETTER}{{2,}})*"
_PARTICLE = r"(?:van|von|de|der|den|del|della|di|da|dos|du|la|le|el|al|bin|ibn|ben|zu|ter|ten|af|d['’])"
_TITLE = (
    r"(?:(?:mr|mrs|ms|mx|miss|dr|prof|professor|herrn?|frau|fräulein|monsieur|madame|mademoiselle|mme|mlle|señora?|señorita"
    r"|sra?|srta|doña|don|sir|dame|dipl\.-ing|ing|phd|mag)\b\.?[ ]+)"
)
NAME = rf"(?P<name>(?:{_WORD}|[{_UPPER}]\.)(?:[ ]+(?:{_PARTICLE}[ ]+){{0,2}}(?:{_WORD}|[{_UPPER}]\.(?=[ ]))){{0,3}})"
_ANY_CASE = rf"(?P<name>{_LETTER}+(?:['’-]{_LETTER}+)?(?:[ ]{_LETTER}+(?:['’-]{_LETTER}+)?){{0,2}})"

_SALUTATION = (
    r"(?:hi|hiya|hello|hey|dear|good[ ](?:morning|afternoon|evening|day)|greetings|hallo|liebe[rs]?|werte[rs]?|moin|servus|guten[ ](?:tag|morgen|abend)"
    r"|sehr[ ]geehrte[rs]?|grüß[ ]gott|grüezi|bonjour|bonsoir|salut|chère?s?|hola|estimad[oa]s?|querid[oa]s?|apreciad[oa]s?"
    r"|buen[oa]s[ ](?:días|tardes|noches)|ciao|olá)"
)
_CLOSING = (
    r"(?:(?:with[ ])?(?:best|kind|kindest|warm|warmest|many)?[ ]?(?:regards|wishes|greetings)|best|cheers|(?:many[ ])?thanks(?:[ ](?:again|a[ ]lot|in[ ]advance))?"
    r"|thank[ ]you(?:[ ]very[ ]much)?|thx|sincerely(?:[ ]yours)?|yours(?:[ ](?:truly|sincerely|faithfully))?|respectfully|cordially|rgds|br"
    r"|(?:mit[ ])?(?:freundlichen?|besten?|vielen?|lieben?|herzlichen?|schönen?)[ ]gr(?:ü|ue)(?:ß|ss)en?|mfg|lg|vg|bg|gr(?:ü|ue)(?:ß|ss)e|gruß|hochachtungsvoll|(?:vielen[ ])?dank"
    r"|(?:bien[ ])?cordialement|bien[ ]à[ ]vous|sincères[ ]salutations|(?:meilleures[ ])?salutations(?:[ ]distinguées)?|merci(?:[ ](?:beaucoup|d['’]avance))?|amicalement|respectueusement"
    r"|(?:un[ ])?(?:cordial[ ])?saludos?(?:[ ]cordial(?:es)?)?|atentamente|(?:muchas[ ])?gracias(?:[ ]de[ ]antemano)?|cordialmente|un[ ]abrazo)"
)
_INTRODUCTION = (
    r"(?:my[ ](?:full[ ])?name(?:['’]s|[ ]is)|name[ ]is|(?:people|everyone|everybody|they|friends)[ ](?:sometimes[ ])?calls?[ ]me|the[ ]name(?:['’]s|[ ]is)|name[ ]?:|contact(?:[ ]person)?[ ]?:"
    r"|ansprechpartner(?:in)?[ ]?:|contacto?[ ]?:|nombre[ ]?:|nom[ ]?:|mein[ ]name[ ]ist|ich[ ]heiße|je[ ]m['’]appelle|mon[ ]nom[ ]est|me[ ]llamo|mi[ ]nombre[ ]es|signed(?:[ ]by)?|gezeichnet|gez\.|i\.[ ]?[av]\.|named|namens)"
)
_SELF = r"(?:this[ ]is|i['’]m|i[ ]am|it['’]s|hier[ ](?:ist|schreibt|spricht)|ich[ ]bin|je[ ]suis|soy|habla|aquí)"
_ROLE = (
    r"(?:colleagues?|co-?worker|manager|boss|assistant|intern|ceo|cfo|cto|cio|coo|ciso|vp|director|team[ ]?lead|accountant|controller|husband|wife"
    r"|predecessor|successor|supervisor|secretary|buyer|partner|guardian|child|friend|customer|client|patient|employee"
    r"|kolleg(?:e|en|in|innen)|chef(?:in)?|vorgesetzte[rn]?|mitarbeiter(?:in)?|geschäftsführer(?:in)?|assistent(?:in)?|praktikant(?:in)?|ansprechpartner(?:in)?|nachfolger(?:in)?|vorgänger(?:in)?|leiter(?:in)?|kunde|kundin"
    r"|collègues?|responsable|directeur|directrice|assistante?|chef(?:fe)?|comptable|stagiaire|gérante?|compañer[oa]s?|jef[ea]|directora?|gerente|encargad[oa]|asistente|contable)"
)
_VERB = (
    r"(?:ask(?:ed|ing)?|contact(?:ed|ing)?|call(?:ed|ing)?|e-?mail(?:ed|ing)?|tell|told|ping(?:ed)?|cc|cc['’]?d|cop(?:y|ied)|loop(?:ed)?[ ]in|sp(?:oke|eak|oken)[ ](?:to|with)|talk(?:ed|ing)?[ ](?:to|with)"
    r"|met[ ]with|meet|reach(?:ed)?[ ]out[ ]to|assigned[ ]to|reported[ ]by|handled[ ]by|sent[ ]by|written[ ]by|directed[ ]by|account[ ]of|on[ ]behalf[ ]of|according[ ]to|follow(?:ed)?[ ]up[ ]with|forward(?:ed)?[ ](?:this[ ]|it[ ])?to|escalated[ ](?:this[ ]|it[ ])?to|invoices?[ ]to|add|remove|deactivate"
    r"|fragen?(?:[ ]sie)?|(?:ge|be)sprochen[ ]mit|rücksprache[ ]mit|(?:wenden[ ]sie[ ]sich|bitte)[ ]an|telefoniert[ ]mit|laut|kontaktieren[ ]sie|kontakt[ ]mit|mit|von|für|bei"
    r"|contacte[rz]?|contacté|demande[rz]?[ ]à|parlé[ ](?:à|avec)|selon|voir[ ]avec|avec|pour|par|hablar[ ]con|hablé[ ]con|pregunt(?:e|ar)[ ]a|contactar[ ](?:con|a)|según|de[ ]parte[ ]de|con|para|with|from|by|for|to|and|is|without|under|see)"
)
_GO_ON = r"(?=\s*(?:[,!:;.)\n–-]|$)|[ ]+(?-i:[a-z]))"
_WHERE = r"(?=,?[ ](?:in|from|of|at|aus|von|vom|in[ ]der|im|der|de|du|des|del|chez)[ ](?:(?:our|your|the|my|unserer?|ihrer|der|la|le|notre|nuestr[oa])[ ])?(?:\w+[ -])?(?:accounting|finance|it|hr|legal|sales|support|marketing|procurement|purchasing|operations|payroll|billing|engineering|security|team|department|buchhaltung|einkauf|vertrieb|personalabteilung|rechtsabteilung|abteilung|comptabilité|achats|informatique|ventes|juridique|service|contabilidad|compras|ventas|informática|departamento)\b)"

_I = re.IGNORECASE
# (what must stand there, whether any name counts or only a well-known given name)
_STRONG = (
    re.compile(rf"(?:^|(?<=[\n.!?,>|:\"“„(]))[ \t]*(?i:{_SALUTATION}(?:[ ]again)?)[ ]*,?[ ]+(?i:{_TITLE}){{0,3}}{NAME}{_GO_ON}"),
    re.compile(rf"(?:^|(?<=[\n.!?>|]))[ \t]*(?:{_SALUTATION})[ ]+{_TITLE}{{0,3}}{_ANY_CASE}(?=[ ]?[,!\n:])", _I),
    re.compile(rf"\b(?i:{_TITLE}){{1,3}}{NAME}"),
    re.compile(rf"(?:^|(?<=[\n.!?|]))[ \t]*(?i:{_CLOSING})[ ]*[,.!]?(?:[ ]*\n[ \t]*){{1,3}}(?i:{_TITLE}){{0,3}}{NAME}(?=[ ]*(?:[,\n(|–-]|$))"),
    re.compile(rf"(?:^|(?<=[\n.!?|]))[ \t]*(?i:{_CLOSING})[ ]*[,.!]?[ ]*[–-]?[ ]*(?i:{_TITLE}){{0,3}}{NAME}(?=[ ]*(?:[,\n(|]|\.?$))"),
    re.compile(rf"(?:^|\n)[ \t]*(?:{_CLOSING})[ ]*[,.!]?[ ]*\n[ \t]*{_ANY_CASE}(?=[ ]*(?:\n|$))", _I),
    re.compile(rf"(?:^|[\s.!?])[ ]?(?:[–—~]|--?)[ ]?{NAME}(?=\s*$)"),
    re.compile(rf"\n[>? \t]*(?P<name>{_WORD}(?:[ ]+(?:{_PARTICLE}[ ]+){{0,2}}{_WORD}){{1,2}})(?=[ ]*(?:,[ ]|$))"),
    re.compile(rf"\b(?i:{_INTRODUCTION})[ ]+(?i:{_TITLE}){{0,3}}{NAME}"),
    re.compile(rf"\b(?i:{_INTRODUCTION})[ ]+{_ANY_CASE}(?=[ ]*(?:[.,!\n]|$))", _I),
    re.compile(rf"\b(?i:{_SELF})[ ]+(?i:{_TITLE}){{0,3}}{NAME}(?=[ ]*(?:[,(]|[ ](?i:from|of|at|speaking|here|calling|writing|again|and[ ]i|von|aus|vom|und[ ]ich|de|du|et[ ]je|y)\b))"),
    re.compile(rf"\b(?i:{_ROLE}),?[ ]+(?i:{_TITLE}){{0,3}}{NAME}"),
    re.compile(rf"\b(?i:{_VERB})[ ]+(?i:{_TITLE}){{0,3}}{NAME}{_WHERE}"),
)
_SINGLE = re.compile(rf"(?<![\w]){_WORD}")
_COMPANY_AFTER = re.compile(
    r"(?:[ ]+[A-ZÀ-Þ][\w&.-]*){0,3},?[ ]+(?:(?i:gmbh|ltd|limited|llc|inc|corp|plc|llp|kg|ohg|sarl|s\.?a\.?s?|s\.?l\.?|b\.?v|n\.?v|a\.?b|oy|aps|kk|pty|pte)\b|AG\b|SE\b|&[ ])"
)
_TRIGGER = re.compile(rf"\b(?:{_SALUTATION}|{_CLOSING}|{_INTRODUCTION}|{_SELF}|{_ROLE}|{_TITLE})\b|\n", _I)
