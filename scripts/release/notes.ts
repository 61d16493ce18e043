import type { ChangelogEntry } from '../changelog.ts'

/** What is known of a release before its files are made. */
export interface Known {
  entry: ChangelogEntry
  /** What the changelog says of later versions. */
  next: readonly string[]
  /** The tag before, when there is one, and the subjects of the commits since. */
  since: string | undefined
  commits: readonly string[]
  /** Whether the product has tests of its own, which the pipeline has run. */
  tested: boolean
}

/** What the notes of a release are made of. */
export interface NotesOf extends Known {
  commit: string
  /** Its parts: name and version. */
  components: readonly { name: string; version: string }[]
  files: readonly { name: string; size: number; sha256: string }[]
}

/**
 * The notes of a release. What changed is in the words of the changelog; everything else is known and not written by
 * hand. Two builds of one commit have the same notes.
 */
export function releaseNotes(of: NotesOf): string {
  const { entry, next, since, commits, tested, commit, components, files } = of
  const { version } = entry
  const list = (lines: readonly string[], none: string): string =>
    lines.length === 0 ? none : lines.map((line) => `- ${line.replace(/^[-*+]\s+/, '')}`).join('\n')
  return `# ${version} (${entry.date})

## In short

${count(entry.lines.length, 'change')} for users, in ${count(commits.length, 'commit')}${since === undefined ? '' : ` since ${since}`}.

## Components

| component | version | commit |
| --- | --- | --- |
${components.map((one) => `| ${one.name} | ${one.version} | ${commit} |\n`).join('')}
## What is new

${entry.lines.join('\n')}

## Technical changes

${list(commits, 'None.')}

## How it goes out

Beside the version before: 10 % of the users, then half, then all, with a gate after each and three signatures before the
last. The version before keeps running until this one has held; \`runbook exec rollback -i way=traffic\` takes users back.

## Performance

The gates hold it to the limits of the chosen preset for failed requests and for the 95th and 99th percentile.
\`runbook require release-checklist -i version=${version}\` names the run; \`runbook log\` of that run has every sample.

## Security

No file holds anything that looks like a secret. Known vulnerabilities were not looked up.

| file | bytes | SHA-256 |
| --- | --- | --- |
${files.map(({ name, size, sha256 }) => `| ${name} | ${size} | ${sha256} |\n`).join('')}
    sha256sum -c SHA256SUMS
    ssh-keygen -Y verify -f allowed_signers -I SIGNER -n release@runbook -s SHA256SUMS.sig < SHA256SUMS

## Testing

${tested ? 'The tests of the product passed on this commit.' : 'The product has no tests of its own.'} The smoke tests ran against it before any user was sent there.

## Known issues

${list(entry.knownIssues, 'None are known.')}

## What is next

${list(next, 'Nothing is announced.')}
`
}

function count(number: number, word: string): string {
  return `${number} ${word}${number === 1 ? '' : 's'}`
}
