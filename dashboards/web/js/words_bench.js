// The words of the bench's page, Japanese first; they join those of words.js. {name} is filled in.

import { WORDS } from "./words.js";

export const BENCH_WORDS = {
  // the page
  bench_title: { ja: "工場ハック 練習台", en: "kojohack bench" },
  bench: { ja: "練習台", en: "Bench" },
  bench_skip: { ja: "部品の操作へ", en: "Skip to the devices" },
  bench_virtual: { ja: "仮想の工場が動かしています", en: "Moved by a virtual factory" },
  bench_line_page: { ja: "ラインの画面へ", en: "To the line's pages" },
  bench_agents: { ja: "どの Raspberry Pi か", en: "Which Raspberry Pi" },
  bench_board: { ja: "{agent} の 40 ピンヘッダー", en: "40-pin header of {agent}" },
  bench_devices: { ja: "つながっている部品", en: "What is connected" },
  bench_legend: {
    ja: "H = 3.3 V、L = 0 V。出 = Pi が出している。手 = あなたが持っている。押すと部品へ移ります。",
    en: "H = 3.3 V, L = 0 V. out = driven by the Pi. hand = held by you. Press one to go to its device.",
  },
  bench_live: { ja: "つながっています", en: "Live" },
  bench_lost: { ja: "練習台とのつながりが切れました", en: "The bench is lost" },
  bench_lost_detail: {
    ja: "kojo edge か kojo demo が動いているか確かめてください。戻れば、この画面も自動で戻ります。",
    en: "Check that kojo edge or kojo demo runs. When it is back, so is this page.",
  },
  bench_locked: { ja: "見るには許可が要ります", en: "Looking needs permission" },
  bench_absent: { ja: "ここには練習台がありません", en: "There is no bench here" },
  bench_absent_detail: {
    ja: "GPIOZERO_PIN_FACTORY=mock を付けた kojo edge か、kojo demo が出す番地を開いてください。",
    en: "Open the address that kojo demo prints, or kojo edge with GPIOZERO_PIN_FACTORY=mock.",
  },
  bench_hint: {
    ja: "見るだけの画面です。動かすには、kojo edge か kojo demo を起動した画面に出た「練習台のページ」の番地を、この端末で一度開いてください(1回だけ、10分以内。Enter で新しい番地が出ます)。",
    en: "This screen only looks. To touch things, open once on this device the address of the bench's page that kojo edge or kojo demo printed (good once, for ten minutes; Enter there gives a new one).",
  },
  bench_pair_refused: {
    ja: "その番地はもう使われたか、古くなっています。起動した画面で Enter を押すと新しい番地が出ます。",
    en: "That address was used before, or is too old. Press Enter where it was started for a new one.",
  },

  // a device
  bench_is_ok: { ja: "正常", en: "works" },
  bench_is_broken: { ja: "異常", en: "broken" },
  bench_is_hanging: { ja: "応答なし", en: "hangs" },
  bench_is_starting: { ja: "準備中", en: "starting" },
  bench_on: { ja: "オン", en: "on" },
  bench_off: { ja: "オフ", en: "off" },
  bench_lit: { ja: "点灯", en: "lit" },
  bench_blinking: { ja: "点滅", en: "blinking" },
  bench_dark: { ja: "消灯", en: "dark" },
  bench_sounds: { ja: "鳴っています", en: "sounding" },
  bench_still: { ja: "止まっています", en: "still" },
  bench_colour_red: { ja: "赤", en: "red" },
  bench_colour_amber: { ja: "黄", en: "amber" },
  bench_colour_green: { ja: "緑", en: "green" },
  bench_colour_blue: { ja: "青", en: "blue" },
  bench_out: { ja: "出", en: "out" },
  bench_hand: { ja: "手", en: "hand" },
  bench_pin: { ja: "GPIO{bcm}({pin}番ピン)", en: "GPIO{bcm} (pin {pin})" },
  bench_wire: { ja: "{terminal} → {to}", en: "{terminal} → {to}" },
  bench_wiring: { ja: "配線", en: "Wiring" },
  bench_says: { ja: "伝える言葉: {says}", en: "says {says}" },
  bench_role: { ja: "役割: {role}", en: "role: {role}" },
  bench_read: { ja: "Pi が読んだ値", en: "Read by the Pi" },
  bench_not_read: { ja: "まだありません", en: "nothing yet" },
  bench_read_at: { ja: "{value}({time})", en: "{value} ({time})" },

  // what a hand does
  bench_press: { ja: "押す", en: "Press" },
  bench_hold: { ja: "入れたまま", en: "Hold on" },
  bench_let_go: { ja: "手を離す(工場に戻す)", en: "Let go (back to the factory)" },
  bench_bounce: { ja: "チャタリングで1回", en: "Press with bounce" },
  bench_glitch: { ja: "ノイズ", en: "Spike" },
  bench_repeat: { ja: "くり返す", en: "Repeat" },
  bench_pull: { ja: "線を抜く", en: "Pull the wire" },
  bench_plug: { ja: "線をつなぐ", en: "Put the wire in" },
  bench_more: { ja: "ほかの動かし方", en: "More ways" },
  bench_edges: { ja: "変化の回数", en: "edges" },
  bench_within_ms: { ja: "収まるまで(ミリ秒)", en: "within (ms)" },
  bench_every_s: { ja: "間隔(秒)", en: "every (s)" },
  bench_send: { ja: "送る", en: "Send" },
  bench_text: { ja: "送る文字", en: "text to send" },
  bench_wire_out: { ja: "線が抜けています", en: "The wire is out" },
  bench_doing_press: { ja: "押しています", en: "pressed by hand" },
  bench_doing_hold: { ja: "入れたままです", en: "held on by hand" },
  bench_doing_repeat: { ja: "くり返しています", en: "pressed again and again" },
  bench_doing_bounce: { ja: "チャタリング中", en: "bouncing" },
  bench_doing_glitch: { ja: "ノイズ", en: "a spike" },
  bench_not_done: { ja: "できませんでした: {why}", en: "Not done: {why}" },
};

Object.assign(WORDS, BENCH_WORDS);
