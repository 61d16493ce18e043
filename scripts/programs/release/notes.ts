import type { ChangelogEntry } from '../../changelog.ts'
import type { Evidence } from './evidence.ts'
import type { CheckedBy } from './metadata.ts'
import { counted } from '../../../runner/model/counted.ts'

/** The facts of a release before its files are made. */
export interface ReleaseFacts {
  entry: ChangelogEntry
  /** The changelog of later versions. */
  next: readonly string[]
  /** The tag before, when there is one, and the subjects of the commits since. */
  since: string | undefined
  commits: readonly string[]
}

/** The source data of the notes of a release. */
export interface NotesOf extends ReleaseFacts {
  commit: string
  /** The run that checked the commit, and what its journal says; undefined in a dry run. */
  checkedBy: CheckedBy | undefined
  evidence: Evidence | undefined
  /** The result of the product's tests, as a sentence. */
  testing: string
  /** Whether SHA256SUMS.sig signs the digests. */
  signed: boolean
  /** Its parts: name and version. */
  components: readonly { name: string; version: string }[]
  files: readonly { name: string; size: number; sha256: string }[]
}

/** The file of the notes. */
export const NOTES = 'RELEASE_NOTES.md'

/**
 * The notes of a release. The changes are in the words of the changelog; everything else is generated from the commit and
 * from the journal of the run, and not written by hand. Two builds of one commit by one run have the same notes.
 */
export function releaseNotes(of: NotesOf): string {
  const { entry, next, since, commits, testing, commit, signed, components, files } = of
  const { version } = entry
  const list = (lines: readonly string[], none: string): string =>
    lines.length === 0 ? none : lines.map((line) => `- ${line.replace(/^[-*+]\s+/, '')}`).join('\n')
  return `# ${version} (${entry.date})

## In short

${counted(entry.lines.length, 'change')} for users, in ${counted(commits.length, 'commit')}${since === undefined ? '' : ` since ${since}`}.

## Components

| component | version | commit |
| --- | --- | --- |
${components.map((one) => `| ${one.name} | ${one.version} | ${commit} |\n`).join('')}
## What is new

${entry.lines.join('\n')}

## Technical changes

${list(commits, 'None.')}

## How it was checked

${checkText(of)}

## Testing

${testing}

## Security

The files were searched for secrets, and none was found. Known vulnerabilities were not looked up.

| file | bytes | SHA-256 |
| --- | --- | --- |
${files.map(({ name, size, sha256 }) => `| ${name} | ${size} | ${sha256} |\n`).join('')}
    sha256sum -c SHA256SUMS
${signed ? '    ssh-keygen -Y verify -f allowed_signers -I SIGNER -n release@runbook -s SHA256SUMS.sig < SHA256SUMS' : '\nThe digests are not signed.'}

## Known issues

${list(entry.knownIssues, 'The changelog lists none.')}

## What is next

${list(next, 'The changelog announces nothing.')}
`
}

/** The run, who approved it, and the figures of its gates. */
function checkText({ checkedBy, evidence, commit }: NotesOf): string {
  if (checkedBy === undefined || evidence === undefined)
    return 'A dry run asks for no run that checked the commit.'
  const { run, runbook, ended } = checkedBy
  const head = ended
    ? `A completed, approved and verified run of \`${runbook}\` names commit ${commit}: \`${run}\`.`
    : `A step of the run \`${run}\` of \`${runbook}\` made this release of commit ${commit}. The run went on after it.`
  const approvals = evidence.approvals.map(
    ({ title, by, identity }) => `| ${cell(title)} | ${by} | ${identity} |\n`,
  )
  const gates = evidence.gates.map(
    ({ step, metric, limit, looks, worst }) =>
      `| ${step} | ${cell(metric)} | ${limit} | ${worst} | ${looks} |\n`,
  )
  return [
    `${head} \`runbook log ${run}\` has every step.`,
    ...(approvals.length === 0
      ? []
      : [`| approval | by | identity |\n| --- | --- | --- |\n${approvals.join('')}`]),
    ...(gates.length === 0
      ? ['It has no gate.']
      : [
          `| gate | metric | limit | worst value | values |\n| --- | --- | --- | --- | --- |\n${gates.join('')}`,
        ]),
  ].join('\n\n')
}

/** A text within a cell of a table. */
function cell(text: string): string {
  return text.replaceAll('|', '\\|')
}
