import type { ChangelogEntry } from '../changelog.ts'

/** What the notes of a release are made of. */
export interface NotesOf {
  entry: ChangelogEntry
  commit: string
  /** Its parts: name and version. */
  components: readonly { name: string; version: string }[]
  files: readonly { name: string; size: number; sha256: string }[]
}

/** The notes of a release. What changed is in the words of the changelog; everything else is known and not written by hand. */
export function releaseNotes({ entry, commit, components, files }: NotesOf): string {
  return `# ${entry.version} (${entry.date})

## What is new

${entry.lines.join('\n')}

## Components

| component | version | commit |
| --- | --- | --- |
${components.map(({ name, version }) => `| ${name} | ${version} | ${commit} |\n`).join('')}
## Files

| file | bytes | SHA-256 |
| --- | --- | --- |
${files.map(({ name, size, sha256 }) => `| ${name} | ${size} | ${sha256} |\n`).join('')}
## How to check it

    sha256sum -c SHA256SUMS
    ssh-keygen -Y verify -f allowed_signers -I SIGNER -n release@runbook -s SHA256SUMS.sig < SHA256SUMS

## The way back

The version before keeps running until this one has held: \`runbook exec rollback -i way=traffic\` takes users back.
`
}
