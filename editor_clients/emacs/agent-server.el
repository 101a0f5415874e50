;;; agent-server.el --- Plans of parallel coding agents  -*- lexical-binding: t; -*-

;; SPDX-License-Identifier: Apache-2.0

;; Author: The Agent Server authors
;; Version: 0.1.0
;; Package-Requires: ((emacs "28.1") (eglot "1.9"))
;; Keywords: languages, tools

;;; Commentary:

;; Major modes for plans, with Agent Server as their language server: files
;; whose names end in .plan.md, and those of spec-kit, Kiro, OpenSpec and other
;; tools where these put them.  Flymake shows while you write what goes wrong when
;; the agents run, fixes are code actions, `agent-server-launch' launches a
;; wave, and the mode line tells how it goes.
;;
;;   (add-to-list 'load-path "…/editor_clients/emacs")
;;   (require 'agent-server)
;;
;; The README beside this file tells the rest.

;;; Code:

(require 'agent-server-places)
(require 'cl-lib)
(require 'eglot)
(require 'seq)

(defgroup agent-server nil
  "Plans of parallel coding agents."
  :group 'tools
  :prefix "agent-server-")

(defcustom agent-server-command '("agent-server" "lsp")
  "The command that starts the server, as a list of its words."
  :type '(repeat string))

(defcustom agent-server-settings nil
  "The server's settings as a property list, such as (:agents 4).
Write false as `:json-false' and an array as a vector.  Changes
count after \\[eglot-signal-didChangeConfiguration]."
  :type 'plist)

;; Eglot starts one server for a major mode of a project.  So plans have modes
;; of their own: other Markdown and JSON files keep the server that they have.
(defalias 'agent-server--parent-mode
  (if (fboundp 'markdown-mode) #'markdown-mode #'text-mode))

;;;###autoload
(define-derived-mode agent-server-plan-mode agent-server--parent-mode "Plan"
  "Major mode for plans of parallel coding agents.")

(defalias 'agent-server--json-mode
  (if (fboundp 'js-json-mode) #'js-json-mode #'js-mode))

;;;###autoload
(define-derived-mode agent-server-json-plan-mode agent-server--json-mode "Plan"
  "Major mode for plans that are JSON.")

(dolist (place agent-server-places)
  (add-to-list 'auto-mode-alist (cons place 'agent-server-plan-mode)))

(dolist (place agent-server-json-places)
  (add-to-list 'auto-mode-alist (cons place 'agent-server-json-plan-mode)))

(add-hook 'agent-server-plan-mode-hook #'eglot-ensure)
(add-hook 'agent-server-json-plan-mode-hook #'eglot-ensure)

(defun agent-server--plan-p ()
  "Return non-nil if this buffer is in a mode for plans."
  (derived-mode-p 'agent-server-plan-mode 'agent-server-json-plan-mode))


;;; The connection

(defclass agent-server-connection (eglot-lsp-server) ()
  :documentation "A connection to Agent Server.")

(add-to-list 'eglot-server-programs
             (cons '((agent-server-plan-mode :language-id "markdown")
                     (agent-server-json-plan-mode :language-id "json"))
                   (lambda (&rest _)
                     (cons 'agent-server-connection
                           (default-value 'agent-server-command)))))

(defun agent-server--settings ()
  "Return the user's settings as a JSON object.
Only the default value counts: the .dir-locals.el of a workspace
must not choose what runs."
  (or (default-value 'agent-server-settings) (make-hash-table :size 1)))

(cl-defmethod eglot-initialization-options ((_server agent-server-connection))
  "Begin with the user's settings."
  (agent-server--settings))

(cl-defmethod eglot-handle-request
  ((_server agent-server-connection) (_method (eql 'workspace/configuration))
   &key items)
  "Answer those of the ITEMS that ask for the user's settings."
  (vconcat (mapcar (lambda (item)
                     (when (equal (plist-get item :section) "agentServer")
                       (agent-server--settings)))
                   items)))

(cl-defmethod jsonrpc-connection-send :around
  ((server agent-server-connection) &rest args)
  "Send the message ARGS to SERVER, the user's settings where it is about them.
Eglot would send `eglot-workspace-configuration', which every
.dir-locals.el may set without a question."
  (apply #'cl-call-next-method server
         (if (eq (plist-get args :method) :workspace/didChangeConfiguration)
             (list :method :workspace/didChangeConfiguration
                   :params `(:settings (:agentServer ,(agent-server--settings))))
           args)))

(cl-defmethod eglot-handle-request
  ((_server agent-server-connection) (_method (eql 'window/showMessageRequest))
   &key message actions &allow-other-keys)
  "Show MESSAGE in a window, and return which of the ACTIONS the user chose.
What a wave would run has to be seen whole, and is longer than
the minibuffer shows.  An empty answer chooses nothing."
  (save-window-excursion
    (with-output-to-temp-buffer "*Agent Server*" (princ message))
    (let* ((titles (mapcar (lambda (action) (plist-get action :title)) actions))
           (chosen (condition-case nil
                       (completing-read "Agent Server: " titles nil t)
                     (quit nil))))
      (when (member chosen titles)
        (list :title chosen)))))

(cl-defmethod eglot-handle-request
  ((_server agent-server-connection) (_method (eql 'workspace/applyEdit))
   &rest _)
  "Mark in the plan what landed, unasked: the user said yes to the wave.
Since 1.16 Eglot asks only where a file is not open.  Plans that
were as their files are saved: the disk and other editors would
call the tasks open else."
  (let ((saved (seq-filter #'agent-server--saved-plan-p (buffer-list))))
    (prog1 (cl-progv (unless (boundp 'eglot-confirm-server-edits)
                       '(eglot-confirm-server-initiated-edits))
               '(nil)
             (cl-call-next-method))
      (dolist (buffer saved)
        (with-current-buffer buffer
          (when (buffer-modified-p)
            (with-demoted-errors "Agent Server: not saved: %S"
              (let ((save-silently t))
                (save-buffer)))))))))

(defun agent-server--saved-plan-p (buffer)
  "Return non-nil if BUFFER is a plan and the same as its file."
  (with-current-buffer buffer
    (and (agent-server--plan-p)
         buffer-file-name
         (not (buffer-modified-p))
         (verify-visited-file-modtime buffer))))


;;; The mode line

(defvar agent-server--runs nil
  "An alist of connections, each with the status of its run.
Runs that have ended are not in it; those that are held are.")

(cl-defmethod eglot-handle-notification
  ((server agent-server-connection) (_method (eql 'agentServer/status))
   &rest status)
  "Show the STATUS of SERVER's run in the mode line until the run has ended."
  (setf (alist-get server agent-server--runs nil t)
        (unless (member (plist-get status :state)
                        '("landed" "cancelled" "failed"))
          status))
  (force-mode-line-update t))

(defun agent-server--mode-line ()
  "Return what the mode line is to say."
  (mapconcat (lambda (run) (agent-server--run-words (cdr run)))
             (seq-filter (lambda (run) (jsonrpc-running-p (car run)))
                         agent-server--runs)
             ""))

(defun agent-server--run-words (status)
  "Return the STATUS of a run in a few words.
Percent signs are doubled, because the mode line reads single
ones as its own."
  (string-replace "%" "%%"
                  (format " [wave %d, %d%%: %s]"
                          (plist-get status :wave)
                          (plist-get status :percentage)
                          (plist-get status :message))))

(add-to-list 'mode-line-misc-info
             '(agent-server--runs (:eval (agent-server--mode-line))) t)


;;; Commands

(defun agent-server--uri ()
  "Return the URI under which the server knows the file of this buffer."
  (funcall (if (fboundp 'eglot-path-to-uri)
               'eglot-path-to-uri
             'eglot--path-to-uri)
           buffer-file-name))

(defun agent-server--execute (command &rest more)
  "Have the server carry out COMMAND on this plan; return its answer.
MORE are further properties of the command's argument."
  (let ((server (eglot-current-server)))
    (unless (agent-server--plan-p)
      (user-error "This is no plan.  See `agent-server-plan-mode'"))
    (unless server
      (user-error "Agent Server is not connected.  Call `eglot' to connect it"))
    ;; Eglot sends what was typed when Emacs is idle: the command is about it.
    (when (fboundp 'eglot--signal-textDocument/didChange)
      (funcall 'eglot--signal-textDocument/didChange))
    (condition-case failure
        (unwind-protect
            (jsonrpc-request
             server :workspace/executeCommand
             `(:command ,command
               :arguments [(:uri ,(agent-server--uri) ,@more)]))
          (run-with-timer 0 nil #'agent-server--read-on server))
      (jsonrpc-error
       (user-error "%s" (or (alist-get 'jsonrpc-error-message (cddr failure))
                            (cadr failure)))))))

(defun agent-server--read-on (server)
  "Handle what SERVER has said right behind an answer.
In Emacs 28 an answer that is waited for leaves the process
filter at once.  A question that came along with it would lie
there until the server says something else."
  (let ((process (jsonrpc--process server)))
    (when (process-live-p process)
      (funcall (process-filter process) process ""))))

(cl-defmethod eglot-execute-command :after
  ((server agent-server-connection) _command _arguments)
  "Handle what SERVER asks right behind the answer to a code action."
  (run-with-timer 0 nil #'agent-server--read-on server))

;;;###autoload
(defun agent-server-launch (wave)
  "Save the plan and launch WAVE, once you have seen it and said yes.
WAVE is the numeric prefix argument; without one it is the next."
  (interactive "p")
  (when (buffer-modified-p)
    (save-buffer))
  (agent-server--execute "agentServer.launch" :wave wave))

;;;###autoload
(defun agent-server-cancel ()
  "Stop the agents of this plan.  Nothing of theirs lands."
  (interactive)
  (let ((answer (agent-server--execute "agentServer.cancel")))
    (message (if (eq (plist-get answer :cancelled) t)
                 "The agents are being stopped"
               "No agents are running"))))

;;;###autoload
(defun agent-server-launch-all ()
  "Save the plan and launch all its open tasks, once you have said yes.
Each begins as soon as what it waits for is done."
  (interactive)
  (when (buffer-modified-p)
    (save-buffer))
  (agent-server--execute "agentServer.launch" :stream t))

(defun agent-server--tasks ()
  "Return the ids of this plan's tasks, of which the server is asked."
  (let* ((answer (jsonrpc-request (eglot-current-server) :agentServer/plans
                                  (make-hash-table :size 1)))
         (uri (agent-server--uri))
         (plan (seq-find (lambda (each) (equal (plist-get each :uri) uri))
                         (plist-get answer :plans))))
    (mapcar (lambda (task) (plist-get task :id)) (plist-get plan :tasks))))

;;;###autoload
(defun agent-server-retry (task comment)
  "Try TASK of this plan's run again, and tell its agent COMMENT.
Without a task all are tried again that are not done."
  (interactive
   (list (completing-read "Task (empty: all that are not done): "
                          (agent-server--tasks) nil t)
         (read-string "What to tell the agent (nothing is fine): ")))
  (apply #'agent-server--execute "agentServer.retry"
         (append (unless (string-empty-p task) (list :task task))
                 (unless (string-empty-p comment) (list :comment comment)))))

;;;###autoload
(defun agent-server-land (&optional unverified)
  "Land what waits in the run of this plan; it is verified once more.
With a prefix argument UNVERIFIED it is not, and you are asked."
  (interactive "P")
  (apply #'agent-server--execute "agentServer.land"
         (when unverified (list :unverified t))))

;;;###autoload
(defun agent-server-repair ()
  "Let one more agent mend what the tasks made together."
  (interactive)
  (agent-server--execute "agentServer.repair"))

;;;###autoload
(defun agent-server-discard ()
  "Give up what waits in the run of this plan, once you have said yes."
  (interactive)
  (agent-server--execute "agentServer.discard"))

;;;###autoload
(defun agent-server-undo ()
  "Take back the last landing of this plan, once you have said yes."
  (interactive)
  (agent-server--execute "agentServer.undo"))

(provide 'agent-server)
;;; agent-server.el ends here
