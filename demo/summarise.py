"""Summarises a document by choosing sentences from it: nothing is written, only chosen.

TextRank: sentences are the nodes of a graph, the weight of an edge is how much vocabulary two sentences share, and
the sentences that the others point to most are the central ones. Three things stand beside it. An early sentence
starts with a little more weight, because reports say early what they are about; so does one that shares words with
the title. A sentence that repeats one already chosen loses by as much as it repeats. And the chosen sentences are
given in the order of the document, so that the summary reads as prose.
"""

from __future__ import annotations

import hashlib
import math
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from demo.sentences import Sentence, count_words, sentences, title_of

DAMPING = 0.85
ROUNDS = 60
CONVERGED = 1e-7
POSITION_DECAY = 0.12
TITLE_WEIGHT = 1.0
LEAST_WORDS = 5
NOTHING_NEW = 1e-9

_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)?")
_STOP_WORDS = frozenset(
    """a about after again all also although am an and any are as at be because been before being between both but by
    can could did do does done down during each either else every few for from further had has have having he her
    here hers him his how however i if in into is it its itself just less may me might more most much must my neither
    no nor not now of off on once one only onto or other our ours out over own per rather same she should since so
    some still such than that the their them then there these they this those though through to too under until up
    upon us very was we were what when where whether which while who whom whose why will with within without would
    yet you your""".split()
)

Vector = dict[str, float]


@dataclass(frozen=True)
class Limits:
    """How long a summary may be: a share of the document's sentences, never above the two maxima."""

    share: float = 0.25
    max_sentences: int = 4
    max_words: int = 80

    def sentences_for(self, available: int) -> int:
        return max(1, min(self.max_sentences, math.ceil(available * self.share)))


@dataclass(frozen=True)
class Summary:
    """A summary: `sentences` are verbatim and in document order; `sha256` is of the document's UTF-8 bytes."""

    title: str
    sentences: tuple[str, ...]
    words_in: int
    words_out: int
    sha256: str

    @property
    def text(self) -> str:
        return " ".join(self.sentences)


def summarise(text: str, limits: Limits = Limits()) -> Summary:
    """Summarise `text`. An empty text has an empty summary; a text of one sentence is its own summary."""
    everything = sentences(text)
    chosen = choose(everything, title_of(text), limits)
    kept = tuple(sentence.text for sentence in sorted(chosen, key=lambda sentence: sentence.index))
    return Summary(
        title=title_of(text),
        sentences=kept,
        words_in=count_words(text),
        words_out=sum(map(count_words, kept)),
        sha256=hashlib.sha256(text.encode()).hexdigest(),
    )


def choose(everything: Sequence[Sentence], title: str, limits: Limits) -> list[Sentence]:
    """The sentences of the summary, best first. The first is taken whatever its length; the others must fit."""
    candidates = [s for s in everything if s.words >= LEAST_WORDS and not s.from_list] or list(everything)
    vectors = vectorise([sentence.text for sentence in candidates])
    scores = centrality(vectors, _starting_weights(candidates, vectors, title))
    chosen: list[int] = []
    open_positions = set(range(len(candidates)))
    words = 0
    while open_positions and len(chosen) < limits.sentences_for(len(everything)):
        gains = {i: _gain(i, scores, vectors, chosen) for i in sorted(open_positions)}
        best = max(gains, key=gains.__getitem__)
        if gains[best] < NOTHING_NEW:
            break
        open_positions.discard(best)
        if chosen and words + candidates[best].words > limits.max_words:
            continue
        chosen.append(best)
        words += candidates[best].words
    return [candidates[i] for i in chosen]


def centrality(vectors: Sequence[Vector], start: Sequence[float]) -> list[float]:
    """PageRank over the similarity graph, by power iteration; `start` is where a reader begins. Sums to 1."""
    total = sum(start) or 1.0
    prior = [weight / total for weight in start]
    links = _links(vectors)
    ranks = prior
    for _ in range(ROUNDS):
        after = _spread(ranks, links, prior)
        moved = sum(abs(new - old) for new, old in zip(after, ranks, strict=True))
        ranks = after
        if moved < CONVERGED:
            break
    return ranks


def vectorise(texts: Sequence[str]) -> list[Vector]:
    """Each text as {stem: weight}: a word counts more when few of the texts have it."""
    counts = [Counter(_stems(text)) for text in texts]
    spread = Counter(stem for count in counts for stem in count)
    return [{stem: n * math.log(1 + len(texts) / spread[stem]) for stem, n in count.items()} for count in counts]


def similarity(one: Vector, other: Vector) -> float:
    """The cosine of two vectors: 0 without a common word, 1 for the same words in the same proportion."""
    shared = sum(weight * other[stem] for stem, weight in one.items() if stem in other)
    return shared / (_norm(one) * _norm(other)) if shared else 0.0


def _links(vectors: Sequence[Vector]) -> list[list[float]]:
    return [[similarity(a, b) if i != j else 0.0 for j, b in enumerate(vectors)] for i, a in enumerate(vectors)]


def _spread(ranks: Sequence[float], links: Sequence[Sequence[float]], prior: Sequence[float]) -> list[float]:
    totals = [sum(row) for row in links]
    # A sentence that shares no word with any other hands its weight back to the prior, so that none is lost.
    stray = sum(rank for rank, total in zip(ranks, totals, strict=True) if not total)
    flows = [rank / total if total else 0.0 for rank, total in zip(ranks, totals, strict=True)]
    kept = 1 - DAMPING + DAMPING * stray
    return [
        kept * prior[j] + DAMPING * sum(flow * row[j] for flow, row in zip(flows, links, strict=True))
        for j in range(len(ranks))
    ]


def _starting_weights(candidates: Sequence[Sentence], vectors: Sequence[Vector], title: str) -> list[float]:
    about = set(_stems(title))
    by_place = [1 / (1 + POSITION_DECAY * sentence.index) for sentence in candidates]
    by_title = [len(about & vector.keys()) / len(about) if about else 0.0 for vector in vectors]
    return [place + TITLE_WEIGHT * named for place, named in zip(by_place, by_title, strict=True)]


def _gain(i: int, scores: Sequence[float], vectors: Sequence[Vector], chosen: Sequence[int]) -> float:
    repeats = max((similarity(vectors[i], vectors[j]) for j in chosen), default=0.0)
    return scores[i] * max(0.0, 1 - repeats)


def _stems(text: str) -> list[str]:
    words = (word.casefold() for word in _WORD.findall(text))
    return [_stem(word) for word in words if word not in _STOP_WORDS and len(word) > 1]


def _stem(word: str) -> str:
    """Plural and singular are one word here; more would need to know the language."""
    return word[:-1] if len(word) > 3 and word.endswith("s") and not word.endswith("ss") else word


def _norm(vector: Vector) -> float:
    return math.sqrt(sum(weight * weight for weight in vector.values())) or 1.0
