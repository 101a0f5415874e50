;;; agent-server-places.el --- Where plans lie  -*- lexical-binding: t; -*-

;; SPDX-License-Identifier: Apache-2.0

;;; Commentary:

;; Generated from `agent_server/plan/formats/` by `python -m protocol.generate`.

;;; Code:

(defconst agent-server-places
  '("\\(?:\\`\\|/\\)docs/\\(?:.*/\\)?plans/.*\\.md\\'"
    "\\(?:\\`\\|/\\)docs/stories/.*\\.md\\'"
    "\\(?:\\`\\|/\\)_bmad-output/implementation-artifacts/.*\\.md\\'"
    "\\(?:\\`\\|/\\)[^/]*\\.story\\.md\\'"
    "\\(?:\\`\\|/\\)_bmad-output/.*\\.md\\'"
    "\\(?:\\`\\|/\\)[^/]*IMPLEMENTATION_PLAN\\.md\\'"
    "\\(?:\\`\\|/\\)fix_plan\\.md\\'"
    "\\(?:\\`\\|/\\)@fix_plan\\.md\\'"
    "\\(?:\\`\\|/\\)backlog/tasks/[^/]*-[^/]*\\.md\\'"
    "\\(?:\\`\\|/\\)backlog/completed/[^/]*-[^/]*\\.md\\'"
    "\\(?:\\`\\|/\\)backlog/drafts/[^/]*-[^/]*\\.md\\'"
    "\\(?:\\`\\|/\\)backlog/archive/tasks/[^/]*-[^/]*\\.md\\'"
    "\\(?:\\`\\|/\\)\\.backlog/tasks/[^/]*-[^/]*\\.md\\'"
    "\\(?:\\`\\|/\\)\\.backlog/completed/[^/]*-[^/]*\\.md\\'"
    "\\(?:\\`\\|/\\)\\.backlog/drafts/[^/]*-[^/]*\\.md\\'"
    "\\(?:\\`\\|/\\)\\.backlog/archive/tasks/[^/]*-[^/]*\\.md\\'"
    "\\(?:\\`\\|/\\)\\.claude/plans/.*\\.md\\'"
    "\\(?:\\`\\|/\\)conductor/tracks/\\(?:.*/\\)?plan\\.md\\'"
    "\\(?:\\`\\|/\\)conductor/archive/\\(?:.*/\\)?plan\\.md\\'"
    "\\(?:\\`\\|/\\)\\.cursor/plans/.*\\.md\\'"
    "\\(?:\\`\\|/\\)[^/]*\\.plan\\.md\\'"
    "\\(?:\\`\\|/\\)exec-plans/.*\\.md\\'"
    "\\(?:\\`\\|/\\)execplans/.*\\.md\\'"
    "\\(?:\\`\\|/\\)exec_plans/.*\\.md\\'"
    "\\(?:\\`\\|/\\)execplan/.*\\.md\\'"
    "\\(?:\\`\\|/\\)plans/.*\\.md\\'"
    "\\(?:\\`\\|/\\)\\.planning/.*-PLAN\\.md\\'"
    "\\(?:\\`\\|/\\)\\.planning/\\(?:.*/\\)?PLAN\\.md\\'"
    "\\(?:\\`\\|/\\)\\.kiro/specs/\\(?:.*/\\)?tasks\\.md\\'"
    "\\(?:\\`\\|/\\)openspec/changes/\\(?:.*/\\)?tasks\\.md\\'"
    "\\(?:\\`\\|/\\)specs/[^/]*/tasks\\.md\\'"
    "\\(?:\\`\\|/\\)specs/\\(?:.*/\\)?tasks\\.md\\'"
    "\\(?:\\`\\|/\\)\\.specify/\\(?:.*/\\)?tasks\\.md\\'")
  "Regular expressions for the files of plans in Markdown.")

(defconst agent-server-json-places
  '("\\(?:\\`\\|/\\)\\.beads/[^/]*\\.jsonl\\'"
    "\\(?:\\`\\|/\\)prd\\.json\\'"
    "\\(?:\\`\\|/\\)\\.taskmaster/tasks/tasks\\.json\\'"
    "\\(?:\\`\\|/\\)tasks/tasks\\.json\\'")
  "Regular expressions for the files of plans in JSON.")

(provide 'agent-server-places)
;;; agent-server-places.el ends here
