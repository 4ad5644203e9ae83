"""Delivery and the door: nothing is sent where it must not go, what is signed is what is sent, all has a bound."""

from tests.mutants.mutant import Mutant

_GUARD = "tests/integration/delivery/test_target_guard.py"
_SENDER = "tests/integration/delivery/test_sender.py"
_TARGETS = "tests/unit/contracts/test_targets.py"
_DENIED = f"{_TARGETS}::test_an_internal_address_is_denied"
_PARTS = "tests/unit/dispatcher/delivery/test_delivery_parts.py"
_DOOR = "tests/unit/chassis/http/test_connection.py"
_TABLE = "libs/contracts/targets.py"


def _unlisted(name: str, line: str, address: str, danger: str) -> Mutant:
    return Mutant(name, danger, _TABLE, f"        {line},\n", "", (f"{_DENIED}[{address}]",))


def _allowed(header: str) -> Mutant:
    danger = f"A caller sets {header}, and with it what the receiver takes for the request."
    killer = f"{_PARTS}::test_a_caller_cannot_set_what_frames_or_signs_the_request"
    return Mutant(
        f"forbidden-header-{header}", danger, "services/dispatcher/delivery/outcome.py", f" {header} ", " ", (killer,)
    )


DELIVERY = (
    Mutant(
        name="the-socket-is-judged",
        danger="An address that is written as such never meets the resolver, and is connected.",
        path="services/dispatcher/delivery/target_guard.py",
        old="        _deny(policy, str(address[0]))\n",
        new="",
        killers=(
            f"{_GUARD}::test_the_connector_alone_stops_every_spelling[127.0.0.1]",
            f"{_GUARD}::test_a_name_that_changes_its_answer_is_stopped_at_the_socket",
        ),
    ),
    Mutant(
        name="every-answer-is-judged",
        danger="A name with one public and one internal address gets through by luck.",
        path="services/dispatcher/delivery/target_guard.py",
        old="        for answer in answers:\n",
        new="        for answer in answers[:1]:\n",
        killers=(f"{_GUARD}::test_a_name_with_any_internal_answer_is_denied",),
    ),
    Mutant(
        name="the-url-is-judged",
        danger="A URL that two readers read differently is left to the client.",
        path="services/dispatcher/delivery/sender.py",
        old="        if refused is not None:\n",
        new="        if refused is None and refused is not None:\n",
        killers=(f"{_GUARD}::test_an_unfit_url_is_denied_with_its_sentence",),
    ),
    Mutant(
        name="every-spelling-is-an-address",
        danger="An address in another spelling passes for a name when an endpoint is registered.",
        path="libs/contracts/target_urls.py",
        old='    if not last_label.isdigit() and not re.fullmatch(r"0x[0-9a-f]*", last_label):\n',
        new='    if not re.fullmatch(r"(0|[1-9][0-9]*)(\\.(0|[1-9][0-9]*)){3}", host):\n',
        killers=("tests/unit/contracts/test_target_urls.py::test_every_spelling_of_loopback_is_recognised",),
    ),
    _unlisted("table-6to4", '("2002::/16", "6to4")', "2002:7f00:1::", "A tunnel leads to an internal address."),
    _unlisted("table-multicast", '("224.0.0.0/4", "multicast")', "224.0.0.1", "A whole network is spoken to."),
    _unlisted(
        "table-cloud-platform",
        '("168.63.129.16/32", "a cloud platform\'s own services")',
        "168.63.129.16",
        "A public-looking address is the cloud platform's own.",
    ),
    _unlisted(
        "table-metadata",
        '("169.254.0.0/16", "link-local, where metadata services live")',
        "169.254.169.254",
        "The machine's credentials are read out.",
    ),
    _unlisted("table-shared-space", '("100.64.0.0/10", "carrier-grade NAT")', "100.64.0.1", "A neighbour is reached."),
    Mutant(
        name="table-nat64",
        danger="A gateway translates an IPv6 address into an internal IPv4 one.",
        path=_TABLE,
        old="if is_isatap or address in _NAT64 else None",
        new="if is_isatap else None",
        killers=(f"{_DENIED}[64:ff9b::127.0.0.1]",),
    ),
    Mutant(
        name="table-isatap",
        danger="A tunnel takes an internal IPv4 address out of an IPv6 one.",
        path=_TABLE,
        old="if is_isatap or address in _NAT64 else None",
        new="if address in _NAT64 else None",
        killers=(f"{_DENIED}[2a00::5efe:10.0.0.1]",),
    ),
    Mutant(
        name="an-allowed-network-opens-itself-only",
        danger="Whoever allows one internal network has allowed all of them.",
        path=_TABLE,
        old="        if self._is_allowed(address) or self._is_allowed(judged):\n",
        new="        if self.allowed:\n",
        killers=(f"{_TARGETS}::test_an_allowed_network_opens_nothing_else",),
    ),
    Mutant(
        name="table-mapped",
        danger="An IPv4 address inside an IPv6 one is judged as if it were not the same.",
        path=_TABLE,
        old="    return address.ipv4_mapped or IPv6Address(int(address))\n",
        new="    return IPv6Address(int(address))\n",
        killers=(f"{_TARGETS}::test_a_public_address_is_allowed[::ffff:8.8.8.8]",),
    ),
    Mutant(
        name="table-nothing-else-is-public",
        danger="What no table names is taken for public.",
        path=_TABLE,
        old='return None if address in _GLOBAL_UNICAST or address in _NAT64 else "not a public address"',
        new="return None",
        killers=(f"{_DENIED}[4000::1]",),
    ),
    Mutant(
        name="no-redirect-is-followed",
        danger="An endpoint sends a signed request on to wherever it likes.",
        path="services/dispatcher/delivery/sender.py",
        old="            allow_redirects=False,\n",
        new="            allow_redirects=True,\n",
        killers=(f"{_SENDER}::test_a_redirect_is_answered_and_never_followed",),
    ),
    Mutant(
        name="no-redirect-is-followed-by-a-library",
        danger="A library that makes its own requests carries its token elsewhere.",
        path="services/dispatcher/delivery/wire.py",
        old='    raise RedirectRefused("expected an answer, but it is a redirect")\n',
        new="    return None\n",
        killers=("tests/integration/delivery/test_slack.py::test_a_redirect_is_refused_so_that_the_token_stays",),
    ),
    Mutant(
        name="no-proxy-of-the-environment",
        danger="A variable of the environment leads every delivery past the guard.",
        path="services/dispatcher/delivery/wire.py",
        old="        trust_env=False,\n",
        new="        trust_env=True,\n",
        killers=(f"{_SENDER}::test_a_proxy_in_the_environment_is_ignored",),
    ),
    Mutant(
        name="the-signed-bytes-are-sent",
        danger="What is sent was written again and is not what was signed.",
        path="services/dispatcher/delivery/sender.py",
        old="            data=delivery.body,\n",
        new='            json=__import__("json").loads(delivery.body),\n',
        killers=(f"{_SENDER}::test_the_body_arrives_byte_for_byte_under_valid_signatures",),
    ),
    Mutant(
        name="the-stored-bytes-are-sent",
        danger="Parameters that were validated as bytes are written again, and come out otherwise.",
        path="services/dispatcher/delivery/envelope.py",
        old="raw_json(given) if isinstance(given, bytes) else given",
        new='__import__("json").loads(given) if isinstance(given, bytes) else given',
        killers=(f"{_PARTS}::test_parameters_given_as_bytes_are_sent_as_they_are",),
    ),
    Mutant(
        name="a-delivery-keeps-its-id",
        danger="A receiver cannot tell a second attempt from a second order.",
        path="services/dispatcher/delivery/errand.py",
        old="            delivery_id=job.job_id,\n            may_repeat",
        new='            delivery_id=f"{job.job_id}:{random.random()}",\n            may_repeat',
        killers=("tests/integration/delivery/test_errand.py::test_an_attempt_that_is_repeated_is_the_same_delivery",),
    ),
    Mutant(
        name="endpoints-are-looked-for-at-their-end",
        danger="A secret that was revoked still signs, and what was just registered is said to be gone.",
        path="services/dispatcher/delivery/endpoints.py",
        old="        await self._catch_up()\n",
        new="",
        killers=("tests/unit/dispatcher/test_endpoints.py::test_what_the_catalog_has_answered_just_now_holds",),
    ),
    Mutant(
        name="an-attempt-has-its-own-time",
        danger="A late attempt carries the first one's timestamp, and a receiver takes it for a replay.",
        path="services/dispatcher/delivery/sender.py",
        old="        now = self._clock.now()\n        signatures",
        new='        now = self.__dict__.setdefault("_now", self._clock.now())\n        signatures',
        killers=(f"{_SENDER}::test_retries_keep_the_id_and_take_a_new_timestamp",),
    ),
    _allowed("host"),
    _allowed("content-length"),
    Mutant(
        name="forbidden-header-transfer-encoding",
        danger="A caller sets Transfer-Encoding, and smuggles a second request behind the first.",
        path="services/dispatcher/delivery/outcome.py",
        old='    "transfer-encoding upgrade',
        new='    "upgrade',
        killers=(f"{_PARTS}::test_a_caller_cannot_set_what_frames_or_signs_the_request",),
    ),
    Mutant(
        name="connecting-has-a-bound",
        danger="A target that never ends its handshake holds a place for as long as a whole delivery.",
        path="services/dispatcher/delivery/wire.py",
        old="total=total, connect=min(connect, total), sock_connect=min(connect, total))",
        new="total=total + 0 * connect)",
        killers=(f"{_SENDER}::test_a_handshake_without_end_is_a_timeout_before_any_byte",),
    ),
    Mutant(
        name="a-delivery-has-a-bound",
        danger="An answer that trickles in holds a delivery for ever.",
        path="services/dispatcher/delivery/wire.py",
        old="return aiohttp.ClientTimeout(total=total, connect",
        new="return aiohttp.ClientTimeout(total=None, connect",
        killers=(f"{_SENDER}::test_silence_after_the_request_is_a_timeout_after_bytes",),
    ),
    Mutant(
        name="an-answer-has-a-bound",
        danger="An endpoint answers until the memory is full.",
        path="services/dispatcher/delivery/wire.py",
        old="        if len(read) > most:\n",
        new="        if len(read) < 0:\n",
        killers=(f"{_SENDER}::test_an_answer_of_one_byte_more_than_the_limit_is_cut_off",),
    ),
    Mutant(
        name="no-packed-answer-is-asked-for",
        danger="Every endpoint is invited to answer in a form that nobody reads.",
        path="services/dispatcher/delivery/wire.py",
        old=', "Accept-Encoding": "identity"',
        new="",
        killers=(f"{_SENDER}::test_the_head_carries_the_trace_and_nothing_that_invites_surprises",),
    ),
    Mutant(
        name="no-answer-is-unpacked",
        danger="A small answer unpacks to more than the memory holds.",
        path="services/dispatcher/delivery/wire.py",
        old="        auto_decompress=False,\n",
        new="        auto_decompress=True,\n",
        killers=(f"{_SENDER}::test_a_compressed_answer_is_not_unpacked",),
    ),
    Mutant(
        name="heads-have-a-deadline",
        danger="Clients that send a head a byte at a time hold all connections.",
        path="libs/chassis/http/connection.py",
        old="            and connection.head_since < oldest\n",
        new="            and connection.head_since < 0 * oldest\n",
        killers=(f"{_DOOR}::test_a_head_that_does_not_come_in_time_ends_the_connection",),
    ),
    Mutant(
        name="second-heads-have-a-deadline",
        danger="A connection whose first request was quick may take for ever with its second.",
        path="libs/chassis/http/connection.py",
        old="        elif self.head_since is None:\n            self.head_since = self._loop.time()\n",
        new="",
        killers=(f"{_DOOR}::test_a_second_head_that_does_not_come_in_time_ends_the_connection_too",),
    ),
    Mutant(
        name="bodies-have-a-deadline",
        danger="Clients that send a body a byte at a time hold all requests.",
        path="libs/chassis/http/bodies.py",
        old="        async with asyncio.timeout(seconds):\n",
        new="        async with asyncio.timeout(None if seconds else seconds):\n",
        killers=(f"{_DOOR}::test_a_body_that_does_not_come_in_time_is_408_and_ends_the_connection",),
    ),
)
