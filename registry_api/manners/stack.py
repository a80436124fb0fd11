"""All manners around one application."""

from fastapi import FastAPI

from registry_api.manners import origins
from registry_api.manners.answer_headers import AnswerHeaders
from registry_api.manners.bodies import BodyRefused, answer_refusal
from registry_api.manners.desk import Desk
from registry_api.manners.gate import Gate
from registry_api.manners.templates import Templates
from registry_api.settings import RegistrySettings


def add_manners(app: FastAPI, settings: RegistrySettings) -> None:
    """Put the desk and the gate around `app`. Call it last: handlers that are added later are not heard.

    The desk stands outside of what answers unexpected errors, so that these answers pass it too.

    Raises:
        SpecError: A CORS origin is none.
    """
    app.add_exception_handler(BodyRefused, answer_refusal)
    gate = Gate(app.build_middleware_stack(), max_body_bytes=settings.max_body_bytes)
    app.middleware_stack = Desk(
        origins.admit(gate, settings.cors_origins),
        templates=Templates(app),
        headers=AnswerHeaders(behind_tls=settings.behind_tls),
    )
