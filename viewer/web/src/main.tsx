import { render } from "preact";
import { language, setLanguage } from "./i18n.ts";
import { App } from "./ui/app.tsx";
import "./console.ts";
import "./styles.css";

setLanguage(language.value);
render(<App />, document.getElementById("app")!);
