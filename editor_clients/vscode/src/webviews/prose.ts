// Sentences of the server's, in which names and commands stand between backticks.

export interface Piece {
  readonly text: string;
  readonly isCode: boolean;
}

/** The pieces of a sentence, in turn. */
export function pieces(sentence: string): Piece[] {
  return sentence
    .split(/`([^`\n]+)`/)
    .map((text, place) => ({ text, isCode: place % 2 === 1 }))
    .filter(({ text }) => text !== "");
}
