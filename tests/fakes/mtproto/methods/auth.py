"""Login and logout: phone, code, two-factor password."""

import inspect
from datetime import timedelta

from tests.fakes.mtproto.faults import RpcFail
from tests.fakes.mtproto.methods.base import Call, Method
from tests.fakes.mtproto.tl import TL, types

OPEN = {
    "help.getConfig",
    "auth.sendCode",
    "auth.resendCode",
    "auth.signIn",
    "auth.checkPassword",
    "account.getPassword",
}
"""What a client may ask before it is logged in."""


def get_config(call: Call) -> TL:
    """The servers: this one, under every number."""
    now = call.service.world.now()
    fields = inspect.signature(types.Config.__init__).parameters.values()
    counts = {field.name: 1024 for field in fields if field.annotation is int and field.default is field.empty}
    counts["this_dc"] = call.service.dc_id
    return types.Config(
        date=now,
        expires=now + timedelta(hours=1),
        test_mode=False,
        dc_options=[types.DcOption(number, call.service.host, call.service.port) for number in range(1, 6)],
        dc_txt_domain_name="example.invalid",
        me_url_prefix="https://t.me/",
        **counts,
    )


def send_code(call: Call) -> TL:
    """The code goes to the account's other devices."""
    _check_phone(call)
    call.service.login.codes_sent += 1
    return types.auth.SentCode(types.auth.SentCodeTypeApp(5), _code_hash(call))


def sign_in(call: Call) -> TL:
    """Phone and code."""
    login, request = call.service.login, call.request
    _check_phone(call)
    if not request.phone_code:
        raise RpcFail(400, "PHONE_CODE_EMPTY")
    if login.code_expired or request.phone_code_hash != _code_hash(call):
        raise RpcFail(400, "PHONE_CODE_EXPIRED")
    if request.phone_code != login.code:
        raise RpcFail(400, "PHONE_CODE_INVALID")
    if login.password is not None:
        login.awaiting_password.add(call.key_id)
        raise RpcFail(401, "SESSION_PASSWORD_NEEDED")
    return _welcome(call)


def get_password(call: Call) -> TL:
    """What the client must prove to know."""
    login = call.service.login
    if call.key_id not in login.authorised | login.awaiting_password:
        raise RpcFail(401, "AUTH_KEY_UNREGISTERED")
    if login.password is None:
        raise RpcFail(400, "PASSWORD_EMPTY")
    return login.password.challenge()


def check_password(call: Call) -> TL:
    """The proof."""
    login, proof = call.service.login, call.request.password
    if call.key_id not in login.awaiting_password or login.password is None:
        raise RpcFail(401, "AUTH_KEY_UNREGISTERED")
    if not login.password.is_current(proof):
        raise RpcFail(400, "SRP_ID_INVALID")
    if not login.password.check(proof):
        raise RpcFail(400, "PASSWORD_HASH_INVALID")
    return _welcome(call)


def log_out(call: Call) -> TL:
    """This auth key forgets the account."""
    call.service.login.authorised.discard(call.key_id)
    return types.auth.LoggedOut()


def _welcome(call: Call) -> TL:
    call.service.login.authorised.add(call.key_id)
    call.service.login.awaiting_password.discard(call.key_id)
    return types.auth.Authorization(call.service.render.user(call.service.world.me))


def _check_phone(call: Call) -> None:
    if call.request.phone_number.lstrip("+") != call.service.world.me.phone:
        raise RpcFail(400, "PHONE_NUMBER_INVALID")


def _code_hash(call: Call) -> str:
    return f"hash{call.request.phone_number.lstrip('+')}"


METHODS: dict[str, Method] = {
    "help.getConfig": get_config,
    "auth.sendCode": send_code,
    "auth.resendCode": send_code,
    "auth.signIn": sign_in,
    "auth.checkPassword": check_password,
    "auth.logOut": log_out,
    "account.getPassword": get_password,
}
