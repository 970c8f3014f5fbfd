"""The learnt table is what its sentences, and the word classes of today, make of it: nobody edited either by itself."""

from tools.replies.learn import TABLE, learn, read_examples, spell


def test_the_table_is_the_one_that_is_learnt_from_the_sentences() -> None:
    assert spell(*learn(read_examples())) == TABLE.read_text(encoding="utf-8"), "python -m tools.replies.learn --write"
