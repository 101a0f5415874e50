"""`bad-json`: a plan in JSON cannot be read to its end."""

from agent_server.analysis.rules.problems import reported
from agent_server.analysis.rules.rule import Rule
from agent_server.analysis.settings import Severity

RULE = Rule(
    code="bad-json",
    severity=Severity.ERROR,
    summary="The plan is not valid JSON.",
    explanation="""\
Task Master, beads and Ralph keep plans in JSON. Agent Server reads as much of a broken one as it can, but nobody can
tell what the rest was meant to be, and the tool that the plan belongs to reads nothing of it. Often a comma or a
bracket is missing a line above, a merge has left its marks, or the file was cut off. Comments, and commas behind the
last item, are not reported.
""",
    bad="""\
{
  "tasks": [
    {
      "id": 1,
      "title": "Write the wiki's data file"
      "details": "Write 17 entries to src/data/clay.py.",
      "dependencies": []
    }
  ]
}
""",
    good="""\
{
  "tasks": [
    {
      "id": 1,
      "title": "Write the wiki's data file",
      "details": "Write 17 entries to src/data/clay.py.",
      "dependencies": []
    }
  ]
}
""",
    example=".taskmaster/tasks/tasks.json",
    check=reported("bad-json", Severity.ERROR, "It is opened here."),
    reads_text=True,
)
