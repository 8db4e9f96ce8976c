#include "http/openapi.h"

namespace fc::http {

// Everything that comes from the document or from an answer goes into the page as text, never as HTML.
const std::string_view swagger_page = R"html(<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>FlowCatalyst API</title>
<style>
  :root { color-scheme: light dark; --line: color-mix(in srgb, currentColor 20%, transparent); }
  body { font: 15px/1.45 system-ui, sans-serif; max-width: 62rem; margin: 1.5rem auto; padding: 0 1rem; }
  header { display: flex; flex-wrap: wrap; gap: 1rem; align-items: baseline; justify-content: space-between; }
  h1 { font-size: 1.4rem; margin: 0; } h2 { font-size: 1.1rem; margin: 1.6rem 0 .4rem; }
  details { border: 1px solid var(--line); border-radius: 6px; margin: .3rem 0; }
  summary { cursor: pointer; padding: .45rem .7rem; display: flex; gap: .7rem; align-items: baseline; }
  summary b { font: 600 .8rem ui-monospace, monospace; min-width: 4rem; }
  summary code { flex: 1; overflow-wrap: anywhere; } summary span { opacity: .75; }
  .in { padding: 0 .8rem .8rem; }
  label { display: grid; grid-template-columns: 12rem 1fr; gap: .5rem; margin: .3rem 0; }
  input, textarea, button { font: inherit; }
  textarea { width: 100%; min-height: 9rem; box-sizing: border-box; }
  textarea, pre, code { font-family: ui-monospace, monospace; font-size: .85rem; }
  pre { border: 1px solid var(--line); border-radius: 6px; padding: .6rem;
        overflow: auto; max-height: 24rem; }
  .details { white-space: pre-line; }
  .note { opacity: .75; font-size: .85rem; }
</style>
<header>
  <h1 id="title">API</h1>
  <label>Bearer token <input id="token" type="password" size="30" autocomplete="off"></label>
</header>
<p class="note">OpenAPI 3.1: <a href="/swagger/openapi.json">/swagger/openapi.json</a></p>
<input id="filter" type="search" placeholder="Filter by path or summary" size="40">
<main id="operations"></main>
<script>
'use strict';
const make = (name, properties = {}, ...children) => {
  const element = Object.assign(document.createElement(name), properties);
  element.append(...children);
  return element;
};
let api;
const resolve = schema => {
  for (let i = 0; i < 20 && schema && schema.$ref; ++i) {
    schema = schema.$ref.slice(2).split('/').reduce((node, key) => node[key], api);
  }
  return schema || {};
};
const sample = (schema, depth = 0) => {
  schema = resolve(schema);
  if (schema.enum) return schema.enum[0];
  if (schema.oneOf || schema.anyOf) return sample((schema.oneOf || schema.anyOf)[0], depth);
  if (schema.properties && depth < 5) {
    return Object.fromEntries(Object.entries(schema.properties).map(([k, v]) => [k, sample(v, depth + 1)]));
  }
  if (schema.type === 'array') return depth < 5 ? [sample(schema.items, depth + 1)] : [];
  if (schema.type === 'integer' || schema.type === 'number') return schema.minimum ?? 0;
  if (schema.type === 'boolean') return false;
  if (schema.type === 'string') return schema.format === 'uri' ? 'https://example.com/' : '';
  return {};
};
const send = async (method, path, operation, form, output) => {
  const query = new URLSearchParams();
  const headers = {};
  for (const parameter of operation.parameters || []) {
    const value = form.elements[parameter.in + ':' + parameter.name].value;
    if (parameter.in === 'path') path = path.replace('{' + parameter.name + '}', encodeURIComponent(value));
    else if (value === '') continue;
    else if (parameter.in === 'header') headers[parameter.name] = value;
    else query.append(parameter.name, value);
  }
  const token = document.getElementById('token').value;
  if (token) headers.Authorization = 'Bearer ' + token;
  const options = { method: method.toUpperCase(), headers };
  if (form.elements.body) {
    headers['Content-Type'] = 'application/json';
    options.body = form.elements.body.value;
  }
  const started = performance.now();
  try {
    const response = await fetch(path + (query.size ? '?' + query : ''), options);
    let text = await response.text();
    try { text = JSON.stringify(JSON.parse(text), null, 2); } catch { /* not JSON: shown as it is */ }
    const lines = [...response.headers].map(([name, value]) => name + ': ' + value).join('\n');
    const took = Math.round(performance.now() - started);
    output.textContent = `${response.status} ${response.statusText} in ${took} ms\n${lines}\n\n${text}`;
  } catch (error) { output.textContent = String(error); }
  output.hidden = false;
};
const show = (path, method, operation) => {
  const form = make('form', { className: 'in' });
  if (operation.description) {
    form.append(make('p', { className: 'details', textContent: operation.description }));
  }
  if (operation['x-permission']) {
    form.append(make('p', { className: 'note', textContent: 'Permission: ' + operation['x-permission'] }));
  }
  for (const parameter of operation.parameters || []) {
    const schema = resolve(parameter.schema);
    const hint = schema.enum ? schema.enum.join(' | ') : schema.type || '';
    form.append(make('label', {}, parameter.name + (parameter.required ? ' *' : ''),
      make('input', {
        name: parameter.in + ':' + parameter.name, placeholder: hint, title: parameter.description || '',
        required: !!parameter.required })));
  }
  const body = operation.requestBody?.content?.['application/json'];
  if (body) {
    const value = JSON.stringify(body.example ?? sample(body.schema), null, 2);
    form.append(make('textarea', { name: 'body', value }));
  }
  const output = make('pre', { hidden: true });
  form.append(make('p', {}, make('button', { textContent: 'Send' })), output);
  form.addEventListener('submit', event => {
    event.preventDefault();
    send(method, path, operation, form, output);
  });
  const head = make('summary', {}, make('b', { textContent: method.toUpperCase() }),
    make('code', { textContent: path }), make('span', { textContent: operation.summary || '' }));
  const details = make('details', {}, head, form);
  details.dataset.text = (path + ' ' + (operation.summary || '')).toLowerCase();
  return details;
};
const token = document.getElementById('token');
token.value = sessionStorage.getItem('token') || '';
token.addEventListener('change', () => sessionStorage.setItem('token', token.value));
document.getElementById('filter').addEventListener('input', event => {
  const wanted = event.target.value.toLowerCase();
  for (const one of document.querySelectorAll('details')) one.hidden = !one.dataset.text.includes(wanted);
});
fetch('/swagger/openapi.json').then(response => response.json()).then(document_ => {
  api = document_;
  document.getElementById('title').textContent = api.info.title + ' API ' + api.info.version;
  const groups = new Map();
  for (const [path, methods] of Object.entries(api.paths)) {
    for (const [method, operation] of Object.entries(methods)) {
      const tag = (operation.tags || ['Other'])[0];
      if (!groups.has(tag)) groups.set(tag, []);
      groups.get(tag).push(show(path, method, operation));
    }
  }
  const list = document.getElementById('operations');
  for (const tag of [...groups.keys()].sort()) {
    list.append(make('section', {}, make('h2', { textContent: tag }), ...groups.get(tag)));
  }
}).catch(error => {
  document.getElementById('operations').textContent = 'Cannot read the document: ' + error;
});
</script>
</html>
)html";

}  // namespace fc::http
