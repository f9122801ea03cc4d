"""One spelling for names and words however they are typed; the same as the outside world's rooms use."""

from connectors.toolkit.folding import WORD, fold, plain, spellings, words, written

__all__ = ["WORD", "fold", "plain", "spellings", "words", "written"]
