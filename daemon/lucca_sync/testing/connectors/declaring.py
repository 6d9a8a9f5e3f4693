"""What a connector declares: its abilities, and a section of the YAML that refuses what it doesn't know."""

from lucca_sync.connector import ConnectorConfig
from lucca_sync.testing.connectors.scenario import expect, scenario
from lucca_sync.testing.connectors.scene import CANARY
from lucca_sync.testing.connectors.suite import Suite


class Declaring(Suite):
    """What is declared can be relied on."""

    @scenario
    async def test_declares_sane_abilities(self) -> None:
        """Batch and concurrency are at least one, linger is not negative, the time limit is positive."""
        async with self._opened() as (connector, _):
            abilities = connector.abilities
            expect(abilities.max_batch >= 1, "max_batch must be at least 1")
            expect(abilities.concurrency >= 1, "concurrency must be at least 1")
            expect(abilities.linger.total_seconds() >= 0, "linger must not be negative")
            expect(abilities.time_limit.total_seconds() > 0, "time_limit must be positive")

    @scenario
    async def test_refuses_unknown_keys(self) -> None:
        """A misspelt key is an error, not ignored; the model is a ConnectorConfig and has a JSON Schema."""
        bases: tuple[type, ...] = self.connector.Config.__mro__
        expect(ConnectorConfig in bases, "Config must be a ConnectorConfig")
        self.connector.Config.model_json_schema()
        async with self.scene() as scene:
            complaint = self._complaint({**scene.section, "surely_no_such_key": 1})
            expect(complaint is not None, "the unknown key surely_no_such_key was accepted")

    @scenario
    async def test_complaints_about_its_section_show_no_secret(self) -> None:
        """Neither an error about the section nor the config's repr shows a secret."""
        async with self.scene() as scene:
            for key in self.secret_keys:
                wrong = {**scene.section, key: f"{CANARY}\x00"}
                text = f"{self._complaint(wrong)} {self._complaint({**wrong, 'surely_no_such_key': 1})}"
                expect(CANARY not in text, f"a complaint about {key} shows its value")
            config = self.connector.Config.model_validate(scene.section)
            for secret in scene.secrets:
                expect(secret not in f"{config!r} {config}", "the config's repr shows a secret")
