import { diagnostic } from '../diagnostic.ts'
import type { Diagnostic } from '../diagnostic.ts'
import type { Locate } from './frontmatter.ts'
import type { Meta } from '../meta.ts'
import { rules, silenceable } from '../diagnostic-rules.ts'
import type { Ignore } from '../runbook.ts'
import { suggest } from '../suggest.ts'

/** The findings that a document silences: by `ignore` in its frontmatter everywhere, by comments in one block. */
export function allIgnores(meta: Meta | undefined, comments: readonly Ignore[]): Ignore[] {
  const everywhere = meta?.ignore ?? []
  return [
    ...(everywhere.length > 0 ? [{ codes: everywhere, from: 0, to: Number.MAX_SAFE_INTEGER }] : []),
    ...comments,
  ]
}

/** The findings that are not silenced. Errors always stay. */
export function silence(diagnostics: readonly Diagnostic[], ignores: readonly Ignore[]): Diagnostic[] {
  if (ignores.length === 0) return [...diagnostics]
  return diagnostics.filter(
    ({ code, severity, place }) =>
      severity === 'error' ||
      !ignores.some(({ codes, from, to }) => place.line >= from && place.line <= to && codes.includes(code)),
  )
}

/** Codes that cannot be silenced: they do not exist, or are errors. */
export function ignoreProblems(
  meta: Meta | undefined,
  locate: Locate,
  comments: readonly Ignore[],
  file: string,
): Diagnostic[] {
  const inMeta = (meta?.ignore ?? []).map((code, index) => ({ code, place: locate(['ignore', index]) }))
  const inComments = comments.flatMap(({ codes, from }) =>
    codes.map((code) => ({ code, place: { file, line: from, column: 1 } })),
  )
  return [...inMeta, ...inComments].flatMap(({ code, place }) => {
    if ((silenceable as readonly string[]).includes(code)) return []
    const near = suggest(code, silenceable)
    const why = Object.hasOwn(rules, code) ? 'Errors cannot be silenced; correct what it reports.' : undefined
    return [
      diagnostic(
        'invalid-frontmatter',
        place,
        `Unexpected code \`${code}\` to ignore, expected the code of a warning`,
        {
          hint:
            why ??
            (near ? `Did you mean \`${near}\`?` : 'The codes are in brackets at the end of each finding.'),
        },
      ),
    ]
  })
}
