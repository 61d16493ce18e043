import { diagnostic } from '../diagnostic.ts'
import type { Diagnostic, Place } from '../diagnostic.ts'

export interface Decoded {
  text: string
  diagnostics: Diagnostic[]
}

/**
 * Sequences that appear when UTF-8 was read as Windows-1252 and saved again: `’` became `â€™`, `é` became `Ã©`. A string,
 * for a bundler writes that in ASCII: with one character beyond Latin-1, a file of code takes twice the memory.
 */
const misread = new RegExp('â€[™œž\u009D¦“”˜\u0093\u0094]|Ã[©¨¤¶¼±¡­³º]|Â[ °·»«©®]|ðŸ[\u0080-\u00BF‘-›œžŸ¡-¿]')

/** Turns the bytes of a file into text whatever they are; what is odd about them comes back as findings. */
export function decode(bytes: Uint8Array, file: string): Decoded {
  const encoding = utf16Of(bytes)
  const text = new TextDecoder(encoding ?? 'utf-8').decode(bytes)
  const diagnostics = encoding
    ? [notUtf8({ file, line: 1, column: 1 }, `text in ${encoding.toUpperCase()}`)]
    : utf8Problems(bytes, text, file)
  const wrong = misread.exec(text)
  if (wrong) {
    diagnostics.push(
      diagnostic(
        'mis-decoded',
        placeAt(text, wrong.index, wrong[0].length, file),
        `Unexpected \`${wrong[0]}\`, expected text in UTF-8`,
        {
          hint: 'The text was read in the wrong encoding and saved again; restore it from the original, or replace these characters.',
        },
      ),
    )
  }
  return { text, diagnostics }
}

function utf16Of(bytes: Uint8Array): 'utf-16le' | 'utf-16be' | undefined {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return 'utf-16le'
  return bytes[0] === 0xfe && bytes[1] === 0xff ? 'utf-16be' : undefined
}

function utf8Problems(bytes: Uint8Array, text: string, file: string): Diagnostic[] {
  const nul = text.indexOf('\0')
  if (nul !== -1) return [notUtf8(placeAt(text, nul, 1, file), 'NUL character')]
  if (!text.includes('\uFFFD')) return []
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(bytes)
    return []
  } catch {
    return [notUtf8(placeAt(text, text.indexOf('\uFFFD'), 1, file), 'byte sequence')]
  }
}

function notUtf8(place: Place, what: string): Diagnostic {
  return diagnostic('not-utf8', place, `Unexpected ${what}, expected text in UTF-8`, {
    hint: 'Save the file as UTF-8, for example with `iconv -f WINDOWS-1252 -t UTF-8`.',
  })
}

/** The place of an offset in a text. */
function placeAt(text: string, offset: number, length: number, file: string): Place {
  const before = text.slice(0, offset).split(/\r\n|\n|\r/)
  const column = (before.at(-1)?.length ?? 0) + 1
  return { file, line: before.length, column, endLine: before.length, endColumn: column + length }
}
