// Reading, and deciding on, what agents made: their documents, reviews of what they propose, what is left out of it, and remarks
// for another attempt.

import * as vscode from "vscode";
import type { App } from "../app";
import { Documents, registerDocuments } from "../documents/documents";
import { reviewContext } from "./context";
import { leavingOut } from "./leaving_out";
import { Proposals } from "./proposals";
import { registerRemarks } from "./remarks";
import { Reviews, registerReviews } from "./reviews";

export function register(app: App): vscode.Disposable {
  const documents = new Documents(app);
  const proposals = new Proposals(app);
  const reviews = new Reviews(app, proposals);
  return vscode.Disposable.from(
    proposals,
    registerDocuments(app, documents),
    registerReviews(app, reviews),
    leavingOut(app, proposals, reviews, documents),
    registerRemarks(app, proposals),
    reviewContext(app, proposals, reviews),
  );
}
