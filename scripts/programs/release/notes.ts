import type { ChangelogEntry } from '../../changelog.ts'
import { counted } from '../../../runner/model/counted.ts'

/** The facts of a release before its files are made. */
export interface ReleaseFacts {
  entry: ChangelogEntry
  /** The changelog of later versions. */
  next: readonly string[]
  /** The tag before, when there is one, and the subjects of the commits since. */
  since: string | undefined
  commits: readonly string[]
  /** Whether the product has tests of its own; the pipeline writes no notes before they pass. */
  tested: boolean
}

/** The source data of the notes of a release. */
export interface NotesOf extends ReleaseFacts {
  commit: string
  /** The runbook whose run had to check the commit. */
  checklist: string
  /** Its parts: name and version. */
  components: readonly { name: string; version: string }[]
  files: readonly { name: string; size: number; sha256: string }[]
}

/**
 * The notes of a release. The changes are in the words of the changelog; everything else is generated and not written by
 * hand. Two builds of one commit have the same notes.
 */
export function releaseNotes(of: NotesOf): string {
  const { entry, next, since, commits, tested, commit, checklist, components, files } = of
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

A completed, approved and verified run of \`${checklist}\` names commit ${commit}. \`release-metadata.json\` names that
run; \`runbook log\` of it has every step, approval and sample of a gate.

## Testing

${tested ? '`npm test` passed in a clean export of this commit.' : 'The product has no tests of its own.'}

## Security

The files were searched for secrets, and none was found. Known vulnerabilities were not looked up.

| file | bytes | SHA-256 |
| --- | --- | --- |
${files.map(({ name, size, sha256 }) => `| ${name} | ${size} | ${sha256} |\n`).join('')}
    sha256sum -c SHA256SUMS
    ssh-keygen -Y verify -f allowed_signers -I SIGNER -n release@runbook -s SHA256SUMS.sig < SHA256SUMS

## Known issues

${list(entry.knownIssues, 'None are known.')}

## What is next

${list(next, 'Nothing is announced.')}
`
}
