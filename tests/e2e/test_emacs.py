"""The main job in the real Emacs with Eglot, with the file that its page tells people to load."""

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.search_plan import SEARCH, search_plan
from tests.e2e.site import Site

CLIENT = Path("editor_clients/emacs").resolve()
DEADLINE = 120.0

# The two lines of the page, the user's settings, and what a batch lacks of a session: a command loop, and so the moment
# after a command and the key that it was called by.
SESSION = """
(add-to-list 'load-path {client})
(require 'agent-server)
(setq agent-server-settings '(:agent "replay" :transcripts {transcripts} :speed 600))
(setq last-nonmenu-event ?\\r)

(defun until (condition)
  (with-timeout ({deadline} (error "Emacs did not get there in time: %S" condition))
    (while (not (funcall condition))
      (accept-process-output nil 0.02))))

(defun visit (file)
  (find-file file)
  (run-hooks 'post-command-hook)
  (until #'flymake-diagnostics))

(defun about (code)
  (seq-find (lambda (each) (string-search (format "[%s]" code) (flymake-diagnostic-text each)))
            (flymake-diagnostics)))

(let ((result (progn {body})))
  (with-temp-file {result} (insert (json-encode result))))
"""


class Emacs:
    """An Emacs without a screen, which reads what is typed in the minibuffer from its standard input."""

    def __init__(self, program: str, site: Site, folder: Path) -> None:
        self._program = program
        self._site = site
        self._folder = folder

    def run(self, body: str, typed: str = "") -> Any:
        """What the Lisp code returns, in a session of its own."""
        script, result = self._folder / "session.el", self._folder / "result.json"
        script.write_text(
            SESSION.format(
                client=lisp(CLIENT),
                transcripts=lisp(self._site.options["transcripts"]),
                deadline=DEADLINE / 2,
                body=body,
                result=lisp(result),
            )
        )
        call(self._program, "-l", str(script), site=self._site, typed=typed)
        return json.loads(result.read_text())


@pytest.fixture
def program(site: Site) -> str:
    """The Emacs to try."""
    found = shutil.which("emacs")
    if found is None:
        pytest.skip("Emacs is not installed")
    if call(found, "--eval", '(princ (locate-library "eglot"))', site=site) == "nil":
        pytest.skip("this Emacs has no Eglot")
    return found


@pytest.fixture
def emacs(program: str, site: Site, tmp_path: Path) -> Emacs:
    return Emacs(program, site, tmp_path)


def call(program: str, *arguments: str, site: Site, typed: str = "") -> str:
    """What a batch of Emacs prints; it activates packages first, as a session does, and finds this `agent-server`."""
    command = [program, "--batch", "-f", "package-activate-all", *arguments]
    env = {**site.env, "PATH": f"{Path(sys.executable).parent}{os.pathsep}{site.env['PATH']}"}
    quiet: Mapping[str, Any] = {"capture_output": True, "text": True, "timeout": DEADLINE}
    done = subprocess.run(command, input=typed, env=env, cwd=site.root, check=False, **quiet)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def lisp(value: object) -> str:
    """A string as Lisp writes it."""
    return json.dumps(str(value))


def test_a_conflict_is_shown_and_mended_by_a_code_action(emacs: Emacs, site: Site) -> None:
    body = f"""
        (visit {lisp(site.bad_plan)})
        (until (lambda () (about "hot-file")))
        (let ((shown (mapcar #'flymake-diagnostic-text (flymake-diagnostics))))
          (goto-char (flymake-diagnostic-beg (about "hot-file")))
          (call-interactively #'eglot-code-actions)
          (save-buffer)
          (until (lambda () (not (about "hot-file"))))
          (list (symbol-name major-mode) shown (buffer-string)))
    """
    mode, shown, text = emacs.run(body, typed="Give `navigation.py` to an integration task\n")
    assert mode == "agent-server-plan-mode"
    assert any(each.startswith("agent-server [hot-file]: 3 tasks write") for each in shown)
    assert re.findall("^- writes:.*navigation.*$", text, re.MULTILINE) == ["- writes: `navigation.py`"]
    assert site.bad_plan.read_text() == text


def test_eldoc_tells_what_a_task_would_write(emacs: Emacs, site: Site) -> None:
    body = f"""
        (visit {lisp(site.good_plan)})
        (search-forward "## data")
        (let (told)
          (run-hook-with-args 'eldoc-documentation-functions (lambda (words &rest _) (push words told)))
          (until (lambda () (remq nil told)))
          (substring-no-properties (car (remq nil told))))
    """
    told = emacs.run(body)
    assert "wave 1" in told
    assert "data/clay_wiki.py" in told


def test_a_wave_is_launched_by_a_code_action_lands_and_is_undone(emacs: Emacs, site: Site) -> None:
    body = f"""
        (visit {lisp(site.good_plan)})
        ;; What is said for a moment only is not met by looking now and then.
        (defvar seen nil)
        (advice-add 'force-mode-line-update :after
                    (lambda (&rest _) (cl-pushnew (agent-server--mode-line) seen :test #'equal)))
        (call-interactively #'eglot-code-actions)
        (until (lambda () (= 5 (count-matches "^- status: done$" (point-min) (point-max)))))
        (until (lambda () (not (buffer-modified-p))))
        (until (lambda () (string-empty-p (agent-server--mode-line))))
        (let ((file (with-temp-buffer (insert-file-contents {lisp(site.good_plan)}) (buffer-string)))
              (asked (with-current-buffer "*Agent Server*" (buffer-string)))
              (wiki (file-exists-p "data/clay_wiki.py")))
          (agent-server-undo)
          (until (lambda () (= 0 (count-matches "^- status: done$" (point-min) (point-max)))))
          (list seen asked wiki file))
    """
    seen, asked, wiki, file = emacs.run(body, typed="Launch wave 1 (5 agents)\nLaunch 5 agents\nUndo\n")
    assert any(re.fullmatch(r" \[wave 1, \d+%%: .+\]", each) for each in seen)
    assert file.count("- status: done") == 5
    assert "data/clay_wiki.py" in asked
    assert wiki is True
    assert not (site.root / "data/clay_wiki.py").exists()


def test_a_wave_is_stopped(emacs: Emacs, site: Site) -> None:
    body = f"""
        (setq agent-server-settings (plist-put agent-server-settings :speed 1))
        (visit {lisp(site.good_plan)})
        (agent-server-launch 1)
        (until (lambda () (string-search "0/5 agents" (agent-server--mode-line))))
        (prog1 (agent-server-cancel)
          (until (lambda () (string-empty-p (agent-server--mode-line)))))
    """
    assert emacs.run(body, typed="Launch 5 agents\n") == "The agents are being stopped"
    assert not (site.root / "data/clay_wiki.py").exists()


def test_an_empty_answer_starts_nothing_and_refusals_are_said(emacs: Emacs, site: Site) -> None:
    body = f"""
        (visit {lisp(site.good_plan)})
        (insert "A plan is saved before it is launched.\\n\\n")
        (agent-server-launch 1)
        (until (lambda () (get-buffer "*Agent Server*")))
        (list (agent-server-cancel) (condition-case refusal (agent-server-land) (user-error (cadr refusal))))
    """
    cancelled, refusal = emacs.run(body, typed="\n")
    assert cancelled == "No agents are running"
    assert refusal.startswith("This plan has not been run yet.")
    assert "saved before" in site.good_plan.read_text()
    assert not (site.root / "data/clay_wiki.py").exists()


def test_plans_of_other_tools_have_the_modes_of_plans(emacs: Emacs, site: Site) -> None:
    tasks = search_plan(site.root)
    (site.root / "prd.json").write_text('{"userStories": [{"id": "US-1", "title": "Search", "passes": false}]}')
    body = f"""
        (visit {lisp(tasks)})
        (until (lambda () (about "write-conflict")))
        (let ((conflict (flymake-diagnostic-text (about "write-conflict")))
              (tasks (agent-server--tasks)))
          (goto-char (flymake-diagnostic-beg (about "write-conflict")))
          (call-interactively #'eglot-code-actions)
          (save-buffer)
          (until (lambda () (not (about "write-conflict"))))
          (find-file {lisp(site.root / "prd.json")})
          (run-hooks 'post-command-hook)
          (until #'eglot-current-server)
          (let ((json (symbol-name major-mode)))
            (find-file {lisp(site.root / "README.md")})
            (list conflict tasks json (and (derived-mode-p 'agent-server-plan-mode) t))))
    """
    conflict, ids, json_mode, is_plan = emacs.run(body, typed="Take [P] off `T003`\n")
    assert "src/search.py" in conflict
    assert ids == ["T001", "T002", "T003"]
    assert (json_mode, is_plan) == ("agent-server-json-plan-mode", None)
    assert tasks.read_text() == SEARCH.replace("T003 [P]", "T003")


def test_only_the_user_settings_reach_the_server(emacs: Emacs, site: Site) -> None:
    strangers = '((nil . ((eglot-workspace-configuration . (:agentServer (:severities (:missing-import "off")))))))'
    (site.root / ".dir-locals.el").write_text(strangers)
    body = f"""
        (visit {lisp(site.bad_plan)})
        (setq agent-server-settings '(:severities (:hot-file "off")))
        (eglot-signal-didChangeConfiguration (eglot-current-server))
        (until (lambda () (not (about "hot-file"))))
        (until (lambda () (about "missing-import")))
        t
    """
    assert emacs.run(body) is True


def test_the_client_compiles_without_warnings_and_is_documented(program: str, site: Site, tmp_path: Path) -> None:
    client = tmp_path / "agent-server.el"
    for each in CLIENT.glob("*.el"):
        shutil.copy(each, tmp_path)
    strict = ("-L", str(tmp_path), "--eval", "(setq byte-compile-error-on-warn t)")
    call(program, *strict, "-f", "batch-byte-compile", str(client), site=site)
    told = '(when (get-buffer "*Warnings*") (princ (with-current-buffer "*Warnings*" (buffer-string))))'
    assert call(program, "--eval", f"(checkdoc-file {lisp(client)})", "--eval", told, site=site) == ""
