import type { Config } from '../../config.ts'
import { listEntries, readEntry } from '../../library.ts'
import type { Runbook } from '../../model/runbook.ts'

/** Longest description of a skill, in characters; its name has at most 64. */
const mostDescription = 1024
const mostName = 64
/** A skill has fewer than 500 lines; a longer document is read by the tool. */
const mostLines = 400

/** Every runbook that is seen as a skill of the Agent Skills format: `<name>/SKILL.md` by its text. Documents with errors are left out. */
export async function skillFiles(
  config: Pick<Config, 'content' | 'root' | 'kinds'>,
  sees: (slug: string) => boolean = () => true,
): Promise<Record<string, string>> {
  const read = await Promise.all(
    listEntries(config.content)
      .filter(({ slug }) => sees(slug))
      .map(async (entry) => readEntry(entry, config.root, config.kinds)),
  )
  return Object.fromEntries(
    read.flatMap(({ runbook, bytes }) =>
      runbook ? [[`${skillName(runbook.slug)}/SKILL.md`, skillText(runbook, bytes.toString('utf8'))]] : [],
    ),
  )
}

/** Lower case words and hyphens, as the format wants them. */
function skillName(slug: string): string {
  const name = slug
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .slice(0, mostName)
  return name.replaceAll(/^-+|-+$/g, '') || 'runbook'
}

function skillText({ slug, meta, steps }: Runbook, text: string): string {
  const { title, description = '' } = meta
  const about = `${title}. ${description} Use when this procedure is needed; it runs with gates, through the runbook tools.`
  const body = text
    .replace(/^---\r?\n[\s\S]*?\r?\n---\r?\n/, '')
    .trim()
    .split('\n')
  const prose =
    body.length <= mostLines
      ? body
      : [...body.slice(0, mostLines), '', '… Read the rest with `read_runbook`.']
  return [
    '---',
    `name: ${skillName(slug)}`,
    `description: ${JSON.stringify(about.replaceAll(/\s+/g, ' ').slice(0, mostDescription))}`,
    '---',
    '',
    `# ${title}`,
    '',
    `Run it with the tools of \`runbook mcp\`: \`plan\` with \`runbook: ${slug}\`, then \`exec\` with the digest. Do not type the commands: the executor keeps the gates, repeats nothing, and records who did what. Where it waits for a person, show them the question and stop.`,
    '',
    '## Steps',
    '',
    ...steps.map(({ number, id, kind, title: what }) => `${number}. ${what} (\`${id}\`, ${kind})`),
    '',
    '## The document',
    '',
    ...prose,
    '',
  ].join('\n')
}
