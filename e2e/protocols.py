"""boto3 clients that speak one chosen protocol of a service which has several."""

import boto3
import botocore.session
from botocore.config import Config

from conftest import CALL_DEADLINE


class OneProtocol:
    """A data loader that leaves a service only one of its protocols."""

    def __init__(self, loader, protocol):
        self._loader = loader
        self._protocol = protocol

    def __getattr__(self, name):
        return getattr(self._loader, name)

    def load_service_model(self, service, type_name, api_version=None):
        model = self._loader.load_service_model(service, type_name, api_version)
        if type_name == "service-2":
            model["metadata"]["protocol"] = self._protocol
            model["metadata"]["protocols"] = [self._protocol]
        return model


def client(goru, service, protocol):
    """`goru.client(service)` that speaks `query`, `json` or `smithy-rpc-v2-cbor`."""
    core = botocore.session.Session()
    core.register_component("data_loader", OneProtocol(core.get_component("data_loader"), protocol))
    key, secret = goru.credentials()
    session = boto3.session.Session(
        aws_access_key_id=key, aws_secret_access_key=secret, region_name=goru.region, botocore_session=core
    )
    settings = Config(retries={"total_max_attempts": 1}, connect_timeout=10, read_timeout=CALL_DEADLINE)
    return session.client(service, endpoint_url=goru.api, config=settings)
