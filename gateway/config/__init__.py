"""Configuration: five TOML files, read once, checked whole, never changed while the gateway runs.

Owns: what may be configured, in which range, with which default, and how every fault is told at once. Does not own:
what any of it does.
"""

from gateway.config.advice import advise
from gateway.config.carriers import (
    CarrierConfig,
    LimitConfig,
    OutbindConfig,
    RetryConfig,
    SourceAddressing,
    TlsConfig,
    TonNpi,
)
from gateway.config.clients import ClientConfig, ProgramConfig, RouteConfig, WebhookConfig
from gateway.config.credentials import Credentials, create_demo_credentials, resolve_credentials
from gateway.config.faults import ConfigError, Fault
from gateway.config.gateway import AdminConfig, GatewayConfig, HttpConfig, LogConfig, StopConfig, StoreConfig
from gateway.config.load import load, read
from gateway.config.packs import PackFile, bundled_packs
from gateway.config.plugins import PluginsConfig
from gateway.config.policy import SYSTEM, CategoryConfig, CountriesConfig, PolicyConfig, RepetitionsConfig
from gateway.config.whole import Config

__all__ = [
    "SYSTEM",
    "AdminConfig",
    "CarrierConfig",
    "CategoryConfig",
    "ClientConfig",
    "Config",
    "ConfigError",
    "CountriesConfig",
    "Credentials",
    "Fault",
    "GatewayConfig",
    "HttpConfig",
    "LimitConfig",
    "LogConfig",
    "OutbindConfig",
    "PackFile",
    "PluginsConfig",
    "PolicyConfig",
    "ProgramConfig",
    "RepetitionsConfig",
    "RetryConfig",
    "RouteConfig",
    "SourceAddressing",
    "StopConfig",
    "StoreConfig",
    "TlsConfig",
    "TonNpi",
    "WebhookConfig",
    "advise",
    "bundled_packs",
    "create_demo_credentials",
    "load",
    "read",
    "resolve_credentials",
]
