/**
 * The words that tell a document from others of the same title: its folder, or its slug where that is the same too.
 * @param sharing slugs of the documents with the title, its own among them
 */
export function apartIn(slug: string, sharing: readonly string[]): { folder?: string } {
  if (sharing.length < 2) return {}
  const folderOf = (one: string): string => one.replace(/[^/]*$/, '') || 'top folder'
  const isAlone = sharing.every((one) => one === slug || folderOf(one) !== folderOf(slug))
  return { folder: isAlone ? folderOf(slug) : slug }
}
