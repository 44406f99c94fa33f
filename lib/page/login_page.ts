/**
 * Makes the page to log in and out.
 *
 * @module
 */

import { words } from "./browser/words.js";
import { type Navigation, respondWithPage } from "./document.ts";
import { type Markup, markup } from "./markup.ts";

/** What it shows. */
export interface Login {
  /** The name of who has logged in; undefined for nobody. */
  user: string | undefined;
  /** Where to go after the login. */
  to: string;
  /** Whether a name or password was wrong. */
  isWrong: boolean;
}

/** Makes the page. */
export function loginPage(
  login: Login,
  navigation: Navigation,
): Response {
  return respondWithPage({
    title: `${words.share.logIn} – Sluice`,
    content: markup`<h1>${words.share.logIn}</h1>
${login.user !== undefined && logout(login.user)}${form(login)}
`,
    here: "/login",
    status: login.isWrong ? 403 : 200,
  }, navigation);
}

function form({ to, isWrong }: Login): Markup {
  return markup`<form class="panel login" method="post" action="/login">
${
    isWrong &&
    markup`<p role="alert">${words.share.wrongLogin}</p>\n`
  }<input type="hidden" name="to" value="${to}">
<p><label for="name">${words.share.userName}</label>
<input type="text" id="name" name="name" autocomplete="username" autocapitalize="none" required autofocus></p>
<p><label for="password">${words.share.password}</label>
<input type="password" id="password" name="password" autocomplete="current-password" required></p>
<p><button class="main">${words.share.logIn}</button></p>
</form>`;
}

function logout(user: string): Markup {
  return markup`<form class="panel" method="post" action="/logout">
<p>${words.share.youAre(user)}</p>
<p><button>${words.share.logOut}</button></p>
</form>
`;
}
