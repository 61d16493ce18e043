import { mkdirSync, readFileSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { Client } from '@modelcontextprotocol/client'
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio'
import { expect, test } from 'vitest'
import { binary, commandStep, page, workspace } from '../../support/workspace.ts'

interface SetUp {
  client: string
  command: string
  args: readonly string[]
}

const guide = readFileSync('content/docs/agents.md', 'utf8')

/** The block of code below a line of the guide. */
function blockAfter(line: string): string {
  const at = guide.indexOf(line)
  expect(at, line).toBeGreaterThan(-1)
  return /```\w+[^\n]*\n([\s\S]*?)```/.exec(guide.slice(at))?.[1]?.trim() ?? ''
}

/** A server as a file of a client names it, under the key that this client reads. */
function serverIn(client: string, text: string, key: string): SetUp {
  const file = JSON.parse(text) as Record<string, Record<string, { command: string; args: string[] }>>
  expect(Object.keys(file)).toEqual([key])
  const server = file[key]?.['runbook']
  return { client, command: server?.command ?? '', args: server?.args ?? [] }
}

/** The command that `claude mcp add <name> -- <command>` stores. */
function added(text: string): SetUp {
  const [, words = ''] = /^claude mcp add runbook -- (.+)$/.exec(text) ?? []
  const [command = '', ...args] = words.split(' ')
  return { client: 'Claude Code', command, args }
}

test('the command of each documented set-up serves the tools to the official client', async () => {
  const setUps = [
    added(blockAfter('Claude Code:')),
    serverIn('Cursor', blockAfter('`.cursor/mcp.json`'), 'mcpServers'),
    serverIn('VS Code', blockAfter('`.vscode/mcp.json`'), 'servers'),
  ]
  expect(JSON.parse(blockAfter('`.vscode/mcp.json`'))).toMatchObject({
    servers: { runbook: { type: 'stdio' } },
  })
  using space = workspace({ 'content/runbooks/x.mdx': page(commandStep('look', 'echo seen')) })
  // As `npm install runbook` leaves it.
  mkdirSync(join(space.root, 'node_modules/.bin'), { recursive: true })
  symlinkSync(binary, join(space.root, 'node_modules/.bin/runbook'))
  const commands = new Map(
    setUps.map(({ command, args }) => [JSON.stringify([command, args]), { command, args }]),
  )
  for (const { command, args } of commands.values()) {
    const client = new Client({ name: 'set-up', version: '1.0.0' }, { versionNegotiation: { mode: 'auto' } })
    const env = Object.fromEntries(
      Object.entries(process.env).filter(([, value]) => value !== undefined),
    ) as Record<string, string>
    await client.connect(
      new StdioClientTransport({ command, args: [...args], cwd: space.root, env, stderr: 'ignore' }),
    )
    const { tools } = await client.listTools()
    expect(tools.map(({ name }) => name)).toContain('list_runbooks')
    await client.close()
  }
})
