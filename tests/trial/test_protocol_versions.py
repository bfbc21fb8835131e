"""A protocol version is kept only if it can be used: the text parses, and amends what is there."""

import pytest

from tests.factories import PROTOCOL_FILE, make_study
from trial.audit import acting, system_person
from trial.domain.errors import ProtocolError
from trial.models import ProtocolVersion
from trial.services import add_protocol_version

TEXT = PROTOCOL_FILE.read_text()


@pytest.mark.parametrize(("amends", "kept"), [("1.0", True), ("0.9", False), ("2.0", False)])
def test_an_amendment_supersedes_a_version_of_its_trial(db, amends, kept):
    study = make_study()
    text = TEXT.replace('version = "1.0"', f'version = "2.0"\nsupersedes = "{amends}"')
    with acting(system_person()):
        if kept:
            assert add_protocol_version(study.trial, text).protocol.supersedes == "1.0"
        else:
            with pytest.raises(ProtocolError, match="supersedes: "):
                add_protocol_version(study.trial, text)
        assert ProtocolVersion.objects.count() == (2 if kept else 1)
