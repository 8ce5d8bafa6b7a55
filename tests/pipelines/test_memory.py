"""The setting reaches polars only if nothing imports polars first."""

import subprocess
import sys


def test_the_command_line_keeps_freed_memory_before_polars_is_there():
    script = (
        "import os, sys; from pipelines import cli, memory;"
        "late = {'polars', 'duckdb', 'deltalake', 'sqlalchemy', 'pandera'} & set(sys.modules);"
        "memory.keep_freed(); import polars;"
        "print(sorted(late), os.environ['_RJEM_MALLOC_CONF'])"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.split(maxsplit=1)[0] == "[]"


def test_a_setting_of_the_user_stays():
    script = "import os; from pipelines import memory; memory.keep_freed(); print(os.environ['_RJEM_MALLOC_CONF'])"
    environment = {"_RJEM_MALLOC_CONF": "narenas:1"}
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True, env=environment)
    assert done.stdout.strip() == "narenas:1"
