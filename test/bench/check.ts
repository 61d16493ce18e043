import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { compiledCode } from './compiled-code.ts'
import { budgetRow, interleave, ratioRow } from './measure.ts'
import type { Row } from './table.ts'

/**
 * An ordinary alert's runbook: some prose, four scripts, one of them a loop that a shell has to read. `more` is a line of
 * its end.
 */
function ordinary(number: number, more = ''): string {
  const step = (heading: string, code: string): string =>
    `## ${heading}\n\nLook at the pods of the service, and compare with [the overview](page-0.md).\n\n1. Run:\n\n   \`\`\`bash\n${code.replaceAll(/^/gm, '   ')}\n   \`\`\`\n`
  return [
    `# Alert ${number}\n\nThe service answers more slowly than promised.\n`,
    step('Meaning', `kubectl get pods -n shop-${number}`),
    step('Diagnosis', `$ kubectl logs -n shop-${number} <pod> | grep error\nsome output`),
    step('Details', `for pod in a b c; do\n  echo "$pod-${number}"\ndone`),
    step('Mitigation', `kubectl rollout restart deployment/api -n "shop-${number}"`),
    more,
  ].join('\n')
}

/** Names that are nearly those of other documents: for each, the nearest is looked for among all. */
function deadLinks(number: number): string {
  return [1, 2, 3, 4].map((at) => `[there](paage-${(number * 7 + at) % 800}.md)`).join(' ')
}

/** The exit code of a library with dead links. */
const deadLinksExit = 3

/**
 * Checking a library of 400 runbooks, and one. Against a start of Node, about 40 ms on an ordinary machine: 5 s cold,
 * 1 s warm, 250 ms for one. A library of 800 with dead links, as those of others have them: 15 s and 1 s.
 */
export function checking(packaged: string): Row[] {
  const root = mkdtempSync(join(tmpdir(), 'bench-check-'))
  try {
    mkdirSync(join(root, 'library'))
    mkdirSync(join(root, 'others'))
    for (let number = 0; number < 800; number++)
      writeFileSync(join(root, 'others', `page-${number}.md`), ordinary(number, deadLinks(number)))
    for (let number = 0; number < 400; number++)
      writeFileSync(join(root, 'library', `page-${number}.md`), ordinary(number))
    const check = (name: string, cache: string, what: string, exit = 0) => ({
      name,
      exit,
      command: [
        'env',
        `RUNBOOK_CACHE=${cache}`,
        `NODE_COMPILE_CACHE=${compiledCode}`,
        process.execPath,
        packaged,
        'check',
        what,
        '--quiet',
      ] as const,
      cwd: root,
    })
    const [nothing, cold, warm, one] = interleave(
      [
        { name: '`node -e 0`', command: [process.execPath, '-e', '0'] },
        check('400 cold', 'off', 'library'),
        check('400 warm', join(root, 'cache'), 'library'),
        check('one cold', 'off', './library/page-1.md'),
      ],
      3,
      1,
    )
    const [othersCold] = interleave([check('800 cold', 'off', 'others', deadLinksExit)], 1, 0)
    const [othersWarm] = interleave([check('800 warm', join(root, 'cache'), 'others', deadLinksExit)], 3, 1)
    return [
      budgetRow('`check` of 800 documents with 3,200 dead links, cold', othersCold, 15_000),
      budgetRow('the same, warm', othersWarm, 1000),
      ratioRow('`check` of 400 runbooks, cold', cold, nothing, 125),
      ratioRow('the same, warm', warm, nothing, 25),
      ratioRow('`check` of one runbook, cold', one, nothing, 6.25),
    ]
  } finally {
    rmSync(root, { recursive: true })
  }
}
