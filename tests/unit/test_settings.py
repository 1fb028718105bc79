"""Settings: option > environment > .env > file > default, typing errors refused, secrets never shown."""

from __future__ import annotations

from pathlib import Path

import pytest

from monitor.errors import ConfigurationError
from monitor.settings import load, read_secrets


def write(folder: Path, text: str) -> Path:
    path = folder / "goodwill.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_without_a_file_the_defaults_hold(empty_folder: Path) -> None:
    loaded = load()
    assert loaded.path is None
    assert loaded.settings.report.time_zone == "UTC"
    assert loaded.database_url == f"sqlite:///{empty_folder / 'goodwill.db'}"


def test_option_beats_environment_beats_dotenv_beats_file(
    empty_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(empty_folder, '[report]\ntime_zone = "Europe/Paris"\nfolder = "from-file"\nholidays = "FR"\n')
    (empty_folder / ".env").write_text(
        "GOODWILL_REPORT__TIME_ZONE=Europe/Rome\nGOODWILL_REPORT__HOLIDAYS=IT\n"
    )
    assert load().settings.report.time_zone == "Europe/Rome"
    monkeypatch.setenv("GOODWILL_REPORT__TIME_ZONE", "Europe/Berlin")
    report = load().settings.report
    assert (report.time_zone, report.holidays, report.folder) == ("Europe/Berlin", "IT", "from-file")
    assert load(overrides={"report": {"time_zone": "Asia/Tokyo"}}).settings.report.time_zone == "Asia/Tokyo"


def test_database_url_of_the_platform_is_honoured_last(
    empty_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://someone@db/x")
    assert load().database_url == "postgresql://someone@db/x"
    write(empty_folder, '[database]\nurl = "mine.db"\n')
    assert load().database_url == f"sqlite:///{empty_folder / 'mine.db'}"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('[company]\ncustomers = "five hundred"\n', "company.customers is 'five hundred'"),
        ("[company]\nnam = 'x'\n", "company.nam"),
        ("[compny]\nname = 'x'\n", "compny"),
        ("[report]\ntime_zone = 'Mars/Base'\n", "Mars/Base"),
        ("[report\n", "not valid TOML"),
        ("[company]\nnmae = 'x'\n", "company.nmae is no setting (did you mean 'name'?). Correct"),
        (
            "[[sources]]\nname = 'a'\nkind = 'nps'\n[[sources]]\nkind = 'nps'\n",
            "[[sources]] table number 2 has no `name`",
        ),
        ("[slack]\ntoken = 'xoxb-1'\n", "slack.token is no setting"),
        ("[report]\nhistory_weeks = 3\n", "report.history_weeks is 3"),
        ("[model]\nengine = 'abacus'\n", "model.engine is 'abacus'"),
        ('[database]\nurl = "C:\\Users\\x.db"\n', "single quotes"),
        ("[[sources]]\nname='a'\nkind='x'\n[[sources]]\nname='a'\nkind='y'\n", "used twice"),
    ],
)
def test_a_wrong_file_is_refused_with_the_place_and_the_next_step(
    empty_folder: Path, text: str, said: str
) -> None:
    write(empty_folder, text)
    with pytest.raises(ConfigurationError, match="goodwill init") as caught:
        load()
    assert said in str(caught.value)


def test_a_missing_named_file_is_an_error(empty_folder: Path) -> None:
    with pytest.raises(ConfigurationError, match="does not exist"):
        load(empty_folder / "nowhere.toml")


def test_a_mistyped_variable_is_named(empty_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GOODWILL_REPROT__FOLDER", "x")
    monkeypatch.setenv("GOODWILL_SLACK_TOKEN", "x")
    assert load().unknown_variables == ("GOODWILL_REPROT__FOLDER",)


def test_a_wrong_value_is_never_printed_when_it_may_be_a_secret(
    empty_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GOODWILL_DATABASE", '{"urll": "postgresql://u:hunter2@h/x"}')
    with pytest.raises(ConfigurationError) as caught:
        load()
    assert "hunter2" not in str(caught.value)


def test_secrets_come_from_the_environment_or_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "secret"
    file.write_text("from-file\n")
    monkeypatch.setenv("GOODWILL_SLACK_TOKEN", "from-environment")
    monkeypatch.setenv("GOODWILL_REDDIT_CLIENT_SECRET_FILE", str(file))
    secrets = read_secrets()
    assert secrets["slack_token"].get_secret_value() == "from-environment"
    assert secrets["reddit_client_secret"].get_secret_value() == "from-file"
    assert "from-environment" not in repr(secrets)
    monkeypatch.setenv("GOODWILL_SLACK_APP_TOKEN_FILE", str(tmp_path / "none"))
    with pytest.raises(ConfigurationError, match="GOODWILL_SLACK_APP_TOKEN_FILE"):
        read_secrets()


def test_secrets_and_the_platforms_database_may_stand_in_dotenv(empty_folder: Path) -> None:
    (empty_folder / ".env").write_text(
        "\ufeffGOODWILL_SLACK_TOKEN=xoxb-from-dotenv\nDATABASE_URL=postgresql://someone@db/x\n",
        encoding="utf-8",
    )
    assert read_secrets(empty_folder)["slack_token"].get_secret_value() == "xoxb-from-dotenv"
    assert load().database_url == "postgresql://someone@db/x"
    assert load().unknown_variables == ()


def test_a_secret_in_the_wrong_place_is_not_printed(empty_folder: Path) -> None:
    write(empty_folder, "[slack]\ntoken = 'xoxb-very-secret'\n")
    with pytest.raises(ConfigurationError) as caught:
        load()
    assert "xoxb" not in str(caught.value)


@pytest.mark.parametrize("name", ["GOODWILL_COMPANY__ALIASES", "GOODWILL_SOURCES"])
def test_a_list_in_the_environment_that_is_no_json_is_explained(
    empty_folder: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setenv(name, "acme, hunter2")
    with pytest.raises(ConfigurationError, match="written as JSON") as caught:
        load()
    assert "hunter2" not in str(caught.value)


@pytest.mark.parametrize("name", ["goodwill.toml", ".env"])
def test_a_file_that_is_not_utf8_is_named(empty_folder: Path, name: str) -> None:
    (empty_folder / name).write_bytes("[company]\nname = 'Акме'\n".encode("utf-16"))
    with pytest.raises(ConfigurationError, match=rf"{name}.*UTF-8"):
        load()


def test_a_secret_file_that_is_not_text_is_an_error_of_the_configuration(
    empty_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (empty_folder / "token").write_bytes(b"\xff\xfe\x00")
    monkeypatch.setenv("GOODWILL_SLACK_TOKEN_FILE", "token")
    with pytest.raises(ConfigurationError, match="GOODWILL_SLACK_TOKEN_FILE"):
        read_secrets(empty_folder)
