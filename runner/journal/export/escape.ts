/** Text from a run on one line of Markdown: it may hold anything, and is shown, never obeyed. */
export function asLine(text: string): string {
  return text
    .replaceAll(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]+/g, ' ')
    .replaceAll(/[\\`*_[\]<>|#]/g, (mark) => `\\${mark}`)
}

/** Text for HTML and XML: characters XML cannot hold become a replacement mark. */
export function asMarkup(text: string): string {
  return text
    .replaceAll(/[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu, '\ufffd')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&#39;')
}
