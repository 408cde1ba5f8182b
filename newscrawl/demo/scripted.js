// The front end of The Ferry Log: it asks for what the page is to show, and prints it.
async function show() {
  const root = document.getElementById("root");
  const number = document.body.dataset.story;
  const answer = await fetch(number ? `/api/stories/${number}.json` : "/api/stories.json");
  const said = await answer.json();
  if (!number) {
    root.innerHTML = said.map(story => `<li><a href="${story.path}">${story.title}</a></li>`).join("");
    return;
  }
  const printed = new Date(said.published).toISOString();
  root.innerHTML = `<header><a href="/">The Ferry Log</a></header><main><article><h1>${said.title}</h1>
    <p class="byline">By <span rel="author">${said.author}</span></p><time datetime="${printed}">${printed.slice(0, 10)}</time>
    ${said.paragraphs.map(text => `<p>${text}</p>`).join("\n")}</article></main>
    <aside><h2>Newsletter</h2><p>Get The Ferry Log in your inbox every morning.</p></aside>`;
  document.title = `${said.title} | The Ferry Log`;
}
addEventListener("DOMContentLoaded", show);
