import { execFile, spawnSync } from 'node:child_process'
import { mkdirSync, readFileSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { binary, page, workspace } from '../support/workspace.ts'

const guide = readFileSync(join(import.meta.dirname, '../../content/docs/editors.md'), 'utf8')
const setUp = [...guide.matchAll(/```lua\n([\s\S]*?)```/g)].map(([, text = '']) => text)
const hasNeovim = spawnSync('nvim', ['--version']).status === 0

/** Reads what the editor shows of the open file: its findings, the float over a word, and what it is offered at the end. */
const look = `
local function wait(name, see)
  if not vim.wait(60000, see, 20) then
    io.stderr:write('The editor shows no ' .. name)
    vim.cmd('cquit')
  end
end
local findings = {}
wait('finding', function() return #vim.diagnostic.get(0) > 0 end)
for _, one in ipairs(vim.diagnostic.get(0)) do
  table.insert(findings, (one.lnum + 1) .. ' ' .. one.code)
end
vim.fn.search('Command')
vim.lsp.buf.hover()
local hover
wait('hover', function()
  for _, window in ipairs(vim.api.nvim_list_wins()) do
    if vim.api.nvim_win_get_config(window).relative ~= '' then
      hover = table.concat(vim.api.nvim_buf_get_lines(vim.api.nvim_win_get_buf(window), 0, -1, false), ' ')
    end
  end
  return hover ~= nil
end)
vim.cmd('normal! G$')
vim.api.nvim_put({ '<Gate id="x" title="\${{ inputs.' }, 'c', true, true)
vim.bo.omnifunc = 'v:lua.vim.lsp.omnifunc'
vim.api.nvim_create_autocmd('CompleteChanged', { once = true, callback = function()
  local words = {}
  for _, item in ipairs(vim.fn.complete_info({ 'items' }).items) do table.insert(words, item.word) end
  io.stdout:write(vim.json.encode({ findings = findings, hover = hover, words = words }))
  vim.schedule(function() vim.cmd('qall!') end)
end })
vim.api.nvim_feedkeys(vim.api.nvim_replace_termcodes('A<C-x><C-o><C-n>', true, false, true), 'n', false)
`

test.runIf(hasNeovim)(
  'Neovim, set up as the guide says, shows findings, the reference and completions',
  async () => {
    const text = page('<Command id="one" title="One">\n\n```bash\nif true\n```\n\n</Command>\n\n')
    using space = workspace({
      'init.lua': setUp.find((one) => one.includes('start_client')) ?? '',
      'look.lua': look,
      'content/runbooks/a.mdx': text.replace('---\n\n', 'inputs:\n  region: {}\n  version: {}\n---\n\n'),
    })
    const bin = join(space.root, 'node_modules/.bin')
    mkdirSync(bin, { recursive: true })
    symlinkSync(binary, join(bin, 'runbook'))
    const args = [
      '--headless',
      '--clean',
      '-u',
      'init.lua',
      'content/runbooks/a.mdx',
      '-c',
      'luafile look.lua',
    ]
    const { stdout } = await promisify(execFile)('nvim', args, { cwd: space.root, timeout: 120_000 })
    const { findings, hover, words } = JSON.parse(stdout) as {
      findings: string[]
      hover: string
      words: string[]
    }
    expect(findings).toContainEqual(expect.stringMatching(/^\d+ shell-syntax$/))
    expect(hover).toContain('Runs a script.')
    expect(words).toEqual(['region', 'version'])
  },
  150_000,
)
