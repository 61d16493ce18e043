import { aliasAddress } from '../links/link-targets.ts'
import { diagnostic } from '../model/diagnostic.ts'
import type { Diagnostic, Place } from '../model/diagnostic.ts'
import type { Runbook } from '../model/runbook.ts'

interface Claim {
  document: Runbook
  what: string
}

/** Names that only one document of a library may have: addresses, old addresses, and alerts. */
export function checkNames(documents: readonly Runbook[]): Diagnostic[] {
  return [
    ...fileNameProblems(documents),
    ...addressProblems(documents),
    ...alertProblems(documents),
    ...anchorProblems(documents),
  ]
}

/** MDX is loaded as a module by its path, in which these signs begin a query or a fragment. */
function fileNameProblems(documents: readonly Runbook[]): Diagnostic[] {
  return documents.flatMap((document) =>
    document.format === 'mdx' && /[#?]/.test(document.file)
      ? [
          diagnostic(
            'invalid-url',
            startOf(document),
            `Unexpected file name \`${document.file}\`, expected one without \`#\` and \`?\``,
            { hint: 'Rename the file; the site has no page for it.' },
          ),
        ]
      : [],
  )
}

function addressProblems(documents: readonly Runbook[]): Diagnostic[] {
  const claims = new Map<string, Claim>()
  const findings: Diagnostic[] = []
  const claim = (name: string, document: Runbook, what: string): void => {
    const first = claims.get(name)
    if (!first) claims.set(name, { document, what })
    else if (first.document !== document || what === 'alias') findings.push(collision(name, document, first))
  }
  for (const document of documents) claim(`runbooks/${document.slug}`, document, 'page')
  for (const document of documents)
    for (const alias of document.meta.aliases ?? [])
      claim(aliasAddress(alias).toLowerCase(), document, 'alias')
  return findings
}

function collision(name: string, document: Runbook, first: Claim): Diagnostic {
  return diagnostic(
    'alias-collision',
    startOf(document),
    `Unexpected address \`${name.replace(/^runbooks\//, '')}\`, ${first.document.file} has it already`,
    {
      hint: 'Rename the file, or remove the alias; one address leads to one page.',
      notes: [
        {
          message: first.what === 'page' ? 'the page with this address' : 'the alias',
          place: startOf(first.document),
        },
      ],
    },
  )
}

function alertProblems(documents: readonly Runbook[]): Diagnostic[] {
  const claims = new Map<string, Runbook>()
  return documents.flatMap((document) =>
    (document.meta.alerts ?? []).flatMap(({ name }) => {
      const first = claims.get(name.toLowerCase())
      if (!first) {
        claims.set(name.toLowerCase(), document)
        return []
      }
      return [
        diagnostic(
          'duplicate-alert',
          startOf(document),
          `Unexpected alert \`${name}\`, ${first.file} claims it already`,
          {
            hint: 'Keep it in one of them, and link from there to the other.',
            notes: [{ message: 'first claimed here', place: startOf(first) }],
          },
        ),
      ]
    }),
  )
}

/** Two places of one name: a link can only lead to the first. Repeated headings are told apart by their slugs. */
function anchorProblems(documents: readonly Runbook[]): Diagnostic[] {
  return documents.flatMap((document) => {
    const first = new Map<string, { kind: string; place: Place }>()
    return document.anchors.flatMap(({ name, kind, place }) => {
      if (kind === 'heading' || (document.format === 'md' && kind === 'step')) return []
      const before = first.get(name)
      if (!before) {
        first.set(name, { kind, place })
        return []
      }
      // Two steps of one id are an error of their own.
      if (before.place.line === place.line || (kind === 'step' && before.kind === 'step')) return []
      return [
        diagnostic(
          'duplicate-anchor',
          place,
          `Unexpected anchor \`${name}\`, expected a name not used before`,
          {
            hint: 'Rename one of the two; a link can only lead to the first.',
            notes: [{ message: 'first used here', place: before.place }],
          },
        ),
      ]
    })
  })
}

function startOf(document: Runbook): Place {
  return { file: document.file, line: 1, column: 1 }
}
