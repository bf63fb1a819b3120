import { render } from "preact";
import { language, setLanguage } from "./i18n.ts";
import { App } from "./ui/app.tsx";
import { connect } from "./live/client.ts";
import { followEvaluation } from "./live/evaluated.ts";
import { followReadings } from "./live/layers.ts";
import "./console.ts";
import "./styles.css";

setLanguage(language.value);
followReadings();
followEvaluation();
void connect();
render(<App />, document.getElementById("app")!);
