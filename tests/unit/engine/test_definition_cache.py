from services.engine.domain.definition_cache import DefinitionCache


class Compiler:
    """Compiles a text to its length, and remembers what it was asked for."""

    def __init__(self) -> None:
        self.asked: list[bytes] = []

    def __call__(self, encoded: bytes) -> int:
        self.asked.append(encoded)
        return len(encoded)


def test_a_text_is_compiled_once_while_it_is_kept() -> None:
    compiler = Compiler()
    cache = DefinitionCache(compiler, budget=10)

    assert [cache.compiled(text) for text in (b"aaaa", b"bbbb", b"aaaa")] == [4, 4, 4]
    assert compiler.asked == [b"aaaa", b"bbbb"]


def test_the_least_recently_used_is_forgotten_first() -> None:
    compiler = Compiler()
    cache = DefinitionCache(compiler, budget=10)
    for text in (b"aaaa", b"bbbb", b"aaaa", b"cccc"):
        cache.compiled(text)

    assert cache.kept_bytes == 8
    cache.compiled(b"aaaa")
    assert compiler.asked == [b"aaaa", b"bbbb", b"cccc"]
    cache.compiled(b"bbbb")
    assert compiler.asked[-1] == b"bbbb"


def test_what_is_larger_than_the_budget_is_not_kept() -> None:
    cache = DefinitionCache(Compiler(), budget=3)

    assert cache.compiled(b"aaaa") == 4
    assert cache.kept_bytes == 0
