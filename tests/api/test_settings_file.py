"""Settings in a file, beside the environment."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from api import settings_file
from api.cli import doctor
from api.cli.main import main
from api.settings import Settings
from api.settings_file import SettingsError, read_settings


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the working folder's file of settings is looked for."""
    monkeypatch.delenv("PASSERELLE_CONFIG")
    monkeypatch.chdir(tmp_path)
    return tmp_path / "passerelle.toml"


def refused(text: str, file: Path) -> str:
    """Return what is said of a file with that text, which is refused."""
    file.write_text(text, "utf-8")
    with pytest.raises(SettingsError) as caught:
        read_settings()
    assert str(file) in str(caught.value)
    return str(caught.value)


def test_without_a_file_the_environment_is_all(file: Path) -> None:
    assert read_settings() == Settings()


def test_the_working_folders_file_is_read(file: Path) -> None:
    file.write_text('port = 8080\npublic_read = true\ndata = "here"\nmax_file_mb = 8\n')
    settings = read_settings()
    assert (settings.port, settings.public_read, settings.max_file_mb) == (8080, True, 8)
    assert settings.data == Path("here")
    assert type(settings) is Settings
    assert settings.changed(port=9).port == 9


def test_the_environment_goes_before_the_file(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file.write_text('port = 8080\nhosts = "ask.example.org"\n')
    monkeypatch.setenv("PASSERELLE_PORT", "8081")
    monkeypatch.setenv("PASSERELLE_HOSTS", "")  # an empty variable says nothing
    settings = read_settings()
    assert (settings.port, settings.hosts) == (8081, "ask.example.org")


def test_one_setting_of_the_environment_may_need_another_of_the_file(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PASSERELLE_LLM_URL", "http://127.0.0.1:11434/v1")
    file.write_text('llm_model = "small"\n')
    assert read_settings().llm_model == "small"


def test_another_file_is_named_in_the_environment(
    file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file.write_text("port = 1\n")
    (tmp_path / "other.toml").write_text("port = 2\n")
    monkeypatch.setenv("PASSERELLE_CONFIG", str(tmp_path / "other.toml"))
    assert read_settings().port == 2
    monkeypatch.setenv("PASSERELLE_CONFIG", str(tmp_path / "none.toml"))
    with pytest.raises(SettingsError, match=r"none\.toml cannot be read .*PASSERELLE_CONFIG"):
        read_settings()


def test_the_empty_device_stands_for_no_file(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file.write_text("port = 1\n")
    monkeypatch.setenv("PASSERELLE_CONFIG", os.devnull)
    assert settings_file.find() is None
    assert read_settings() == Settings()


def test_a_setting_that_there_is_not_is_refused_with_its_line(file: Path) -> None:
    said = refused('port = 8080\nhost_name = "x"\n', file)
    assert "line 2: there is no setting 'host_name'. Did you mean" in said
    assert "Did you mean port?" in refused("PASSERELLE_PORT = 80", file)
    assert "Did you mean llm_url?" in refused('"llm-url" = "http://x"', file)
    assert "line 2" in refused("# like others\n[server]\nport = 80\n", file)
    assert "docs/settings.md" in refused("zzz = 1", file)


def test_a_value_that_cannot_be_is_refused_with_its_line(file: Path) -> None:
    said = refused('\n"port" = 99999\n', file)
    assert "line 2: port cannot be 99999: The most is 65535." in said
    assert "hosts cannot be ['a']" in refused('hosts = ["a"]', file)


def test_a_bad_value_of_the_environment_is_not_laid_at_the_files_door(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file.write_text("port = 80\n")
    monkeypatch.setenv("PASSERELLE_PORT", "eighty")
    with pytest.raises(SettingsError, match=r"^PASSERELLE_PORT cannot be 'eighty': Write a whole"):
        read_settings()


@pytest.mark.parametrize(
    ("variable", "value", "remedy"),
    [
        ("PASSERELLE_PROXIES", "nonsense", "write 'nonsense' as an address"),
        ("PASSERELLE_LOG_LEVEL", "loud", "Choose one of these: 'debug', 'info', 'warning' or"),
        ("PASSERELLE_KEEP_QUESTIONS", "999", "The most is 365."),
    ],
)
def test_a_refused_value_is_told_with_what_to_write_instead(
    monkeypatch: pytest.MonkeyPatch, variable: str, value: str, remedy: str
) -> None:
    monkeypatch.setenv(variable, value)
    with pytest.raises(SettingsError) as refusal:
        read_settings()
    assert f"{variable} cannot be '{value}': {remedy}" in str(refusal.value)


def test_what_is_no_toml_is_refused_with_its_line(file: Path) -> None:
    assert "line 2" in refused("port = 80\nhost: 127.0.0.1\n", file)
    assert "is no TOML" in refused(f"a = {'[' * 5000}", file)
    file.write_bytes(b'hosts = "\xff"')
    with pytest.raises(SettingsError, match="is no TOML"):
        read_settings()
    file.unlink()
    file.mkdir()
    with pytest.raises(SettingsError, match="cannot be read"):
        read_settings()


def test_a_secret_stands_only_in_a_file_that_is_its_owners_alone(file: Path) -> None:
    file.write_text('port = 80\nllm_key = "sesame"\n')
    for mode in (0o644, 0o640, 0o604):
        file.chmod(mode)
        with pytest.raises(SettingsError, match=f"line 2: llm_key .*chmod 600 {file}") as caught:
            read_settings()
        assert "sesame" not in str(caught.value)
    file.chmod(0o600)
    key = read_settings().llm_key
    assert key is not None
    assert key.get_secret_value() == "sesame"
    file.write_text("llm_key = 7\n")
    assert "llm_key cannot be what it is" in refused("llm_key = 7\n", file)


def test_another_users_file_counts_only_where_it_is_named(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file.write_text("port = 80\n")
    status = file.stat()
    of_another = os.stat_result((*status[:4], 4711, *status[5:]))
    read = settings_file.SettingsFile(file, "port = 80\n", {"port": 80})
    with pytest.raises(SettingsError, match="belongs to another user"):
        settings_file._check_privacy(read, of_another)
    monkeypatch.setenv("PASSERELLE_CONFIG", str(file))
    settings_file._check_privacy(read, of_another)


def test_a_file_that_everybody_may_write_counts_only_where_it_is_named(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file.write_text("port = 80\n")
    file.chmod(0o666)
    with pytest.raises(SettingsError, match=rf"{file} .*mode 0666.*chmod o-w {file}"):
        read_settings()
    monkeypatch.setenv("PASSERELLE_CONFIG", str(file))
    assert read_settings().port == 80
    monkeypatch.delenv("PASSERELLE_CONFIG")
    file.chmod(0o664)
    assert read_settings().port == 80


def test_a_command_says_what_is_wrong_with_the_file(file: Path) -> None:
    file.write_text("prot = 80\n")
    done = CliRunner().invoke(main, ["documents", "list"])
    assert done.exit_code == 2
    assert f"{file}, line 1: there is no setting 'prot'. Did you mean port?" in done.output


def test_a_mistyped_setting_of_the_environment_is_named_with_the_nearest(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PASSERELLE_PORTT", "8080")
    monkeypatch.setenv("passerelle_zzz", "1")
    done = CliRunner().invoke(main, ["documents", "list", "--data", str(file.parent)])
    assert done.stderr.splitlines()[:2] == [
        "passerelle: The environment has PASSERELLE_PORTT, which is no setting and does nothing. "
        "Did you mean PASSERELLE_PORT?",
        "passerelle: The environment has PASSERELLE_ZZZ, which is no setting and does nothing. "
        "docs/settings.md lists all there are.",
    ]
    assert "PORTT" not in done.stdout


def test_what_the_environment_may_have_is_not_complained_of(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in (*Settings.model_fields, "config", "key"):
        monkeypatch.setenv(f"PASSERELLE_{name.upper()}", "1")
    monkeypatch.setenv("passerelle_port", "8080")
    monkeypatch.setenv("_PASSERELLE_COMPLETE", "bash_source")
    assert settings_file.mistyped() == []


def test_doctor_says_which_file_was_read(file: Path) -> None:
    def named() -> list[str]:
        return [each.fact for each in doctor._installation() if each.subject == "settings"]

    assert named() == []
    file.write_text("port = 80\n")
    assert [str(file) in fact for fact in named()] == [True]


def test_what_an_editor_starts_reads_no_file_of_the_folder_that_it_opened(file: Path) -> None:
    file.write_text("nothing of ours")
    done = CliRunner().invoke(main, ["mcp", "--data", "none"])
    assert done.exit_code == 1
    assert "passerelle ingest" in done.output


@given(text=st.text(alphabet="port=host\"'[].#\n\\ 80{},é", max_size=60))
def test_whatever_stands_in_a_file_it_is_read_or_refused(
    text: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = tmp_path_factory.getbasetemp() / "any.toml"
    path.write_text(text, "utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PASSERELLE_CONFIG", str(path))
        with suppress(SettingsError):
            assert isinstance(read_settings(), Settings)
