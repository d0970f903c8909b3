// Tags as people type them: words between commas or spaces.

/** Return the tags of a text, each once. */
export function readTags(text: string): string[] {
  return [...new Set(text.split(/[\s,]+/).filter(Boolean))];
}

export const writeTags = (tags: readonly string[] | null | undefined): string => (tags ?? []).join(", ");
