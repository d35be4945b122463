"""Which schedulers are trusted; what runs on one is in test_dask.py."""

import pytest

from flask_magic.workshop.cluster import Cluster, check_address
from flask_magic.workshop.errors import MachineError, WorkshopError


@pytest.mark.parametrize(
    "address", ["tls://classroom:8786", "tcp://127.0.0.1:8786", "tcp://localhost:8786", "tcp://[::1]:8786"]
)
def test_tls_and_this_machine_are_taken(address: str) -> None:
    check_address(address, insecure=False)
    check_address(address, insecure=True)


@pytest.mark.parametrize(
    "address",
    ["tcp://classroom:8786", "tcp://10.0.0.7:8786", "tcp://127.0.0.1.example.org:8786", "tcp://0.0.0.0:8786"],
)
def test_plain_tcp_to_another_machine_has_to_be_asked_for(address: str) -> None:
    with pytest.raises(WorkshopError, match="or say --insecure") as caught:
        check_address(address, insecure=False)
    assert caught.value.exit_code == 2
    check_address(address, insecure=True)


@pytest.mark.parametrize(
    "address", ["classroom:8786", "http://x:1", "tls://x", "tls://:8786", "tls://x:port", "tls://x:99999", ""]
)
def test_what_is_no_address_is_refused(address: str) -> None:
    with pytest.raises(WorkshopError, match="Write: tls://host:8786"):
        check_address(address, insecure=True)


def test_a_scheduler_that_does_not_answer_is_told_of() -> None:
    with pytest.raises(MachineError, match=r"tcp://127\.0\.0\.1:9 cannot be reached") as caught:
        Cluster("tcp://127.0.0.1:9", patience=0.3)
    assert caught.value.exit_code == 3
