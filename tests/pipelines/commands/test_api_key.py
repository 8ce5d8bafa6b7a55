def test_a_key_is_made_shown_once_listed_and_revoked(home):
    made = home.succeed("api-key", "create", "the till", "--scope", "metrics", "--expires", "2199-01-01")
    key = made.out.strip()
    number = key.split("_")[1]
    assert "shown this once" in made.err
    listed = home.succeed("api-key", "list").out
    assert listed.split() == [number, "valid", "metrics", *listed.split()[3:]]
    assert "ends 2199-01-01  the till" in listed
    assert key not in listed
    home.succeed("api-key", "revoke", number)
    assert home.succeed("api-key", "list").out == ""


def test_the_file_of_keys_lies_where_the_setting_says(home, tmp_path, monkeypatch):
    monkeypatch.setenv("TILLHOUSE_API_KEYS_FILE", str(tmp_path / "keys"))
    home.succeed("api-key", "create", "the till")
    assert (tmp_path / "keys").is_file()
    assert not (home.path / "api-keys.json").exists()


def test_an_unknown_scope_or_key_is_exit_2_and_says_what_there_is(home):
    wrong = home.run("api-key", "create", "the till", "--scope", "all")
    assert (wrong.exit_code, "metrics, customers" in wrong.err) == (2, True)
    assert home.run("api-key", "revoke", "nothing").exit_code == 2
