/** The endings of files that may be of a known format. */
export const importable = /\.(?:mdx?|markdown|mdown|mkdn?|ya?ml|json)$/i
/** The endings of Markdown. */
export const markdownEnding = /\.(?:md|markdown|mdown|mkdn?)$/i
