"""Verbs of other languages than English, where a sentence names a path as plainly as an English one would.

Only common words that are none in English stand here. Of several verbs the one right before the path counts, else the
first. Chinese sets no spaces between words, so its verbs are searched for anywhere. In Japanese and Korean a verb
stands behind its object and has an ending, or ends its clause: the first one behind the path counts, else the last
before it. What something is taken over from is read, and so is what a program returns, shows or loads.
"""

import re
from collections.abc import Sequence
from functools import lru_cache

from agent_server.analysis.words.mention_words import Use

# ruff: noqa: RUF001, SIM905  # Letters of other languages; A table of words reads better as prose than as a column of strings.

_WRITING = """
    actualiza actualizar agrega agregar ajustar ampliar añade añadir configurar corregir crea crear definir documentar
    eliminar escribe escribir extender generar implementa implementar incorporar inicializar integrar migrar modifica
    modificar mover refactorizar registrar renombrar
    adicionar adicione ajuste atualizar atualize corrigir criar crie escrever escreva estender excluir gerar refatorar
    remover renomear
    ajouter ajoutez ajuster compléter configurer corriger créer créez déplacer définir documenter écrire étendre
    extraire générer implémenter initialiser intégrer mettre mettez modifier nettoyer refactoriser renommer supprimer
    aktualisiere aktualisieren ändern anlegen anpassen definieren einbauen einbinden entfernen ergänzen ergänze
    erstelle erstellen erweitern generieren hinzufügen implementiere implementieren integrieren konfigurieren löschen
    registrieren schreibe schreiben umbenennen
    aggiorna aggiornare aggiungere aggiungi creare implementare modificare scrivere
    aktualizuj dodać dodaj stwórz utwórz utworzyć zaimplementuj zaktualizuj
    ekle güncelle oluştur uygula yaz
    добавить добавь изменить написать настроить обновить обнови реализовать создать создай удалить
    buat perbarui tambahkan tạo thêm xây chuyển đổi tách trích
"""
_READING = """
    analizar comprobar leer probar revisa revisar validar verifica verificar
    analisar conferir ler rever testar
    analyser lire relire tester valider vérifier vérifiez
    lesen prüfe prüfen testen überprüfen validieren
    controllare leggere validare verificare
    sprawdź sprawdzić zweryfikuj
    doğrula incele
    проверить проверь прочитать
"""
_RUNNING = """
    ejecuta ejecutar executar rodar exécuter exécutez ausführen eseguire uruchom çalıştır выполнить запустить
"""

_WORDS = {
    **dict.fromkeys(_WRITING.split(), Use.WRITES),
    **dict.fromkeys(_READING.split(), Use.READS),
    **dict.fromkeys(_RUNNING.split(), Use.RUNS),
}

_UNSPACED = {
    **dict.fromkeys(
        (
            "建立 創建 创建 新增 新建 添加 加入 增加 實作 實現 实现 撰寫 编写 編寫 更新 修改 擴充 扩展 擴展 設定 设置"
            " 設置 配置 註冊 注册 重構 重构 刪除 删除 移除 整合 集成 產生 生成 定義 定义 替換 替换 優化 优化 修正 修復"
            " 修复 修訂 修订 補齊 补齐 覆蓋 覆盖 初始化"
            " 調整 调整 補充 补充 完善 改用 改为 改為 重寫 重写 封裝 封装 記錄 记录"
            " 移动 移動 迁移到 迁移至 遷移到 遷移至 重命名 改名 拆分 提取 抽取"
            " 作成 追加 追記 転記 記載 実装 変更 編集 登録 削除 拡張 導入 記述 統合 記録 反映 整備"
            " 작성 추가 구현 생성 수정 업데이트 변경 정의 설정 등록 삭제 확장 적용 도입 개선"
            " 옮기기 옮긴다 옮김 옮겨 활성화"
        ).split(),
        Use.WRITES,
    ),
    **dict.fromkeys(
        (
            "驗證 验证 確認 确认 檢查 检查 檢視 審查 审查 查看 閱讀 阅读 分析 検証 レビュー 검증 확인 검토 분석 점검"
        ).split(),
        Use.READS,
    ),
    **dict.fromkeys("執行 执行 運行 运行 実行 실행".split(), Use.RUNS),
}
_ANYWHERE = re.compile(rf"(?!移[动動][端设設平应應网網])(?:{'|'.join(_UNSPACED)})")
"""What is called mobile in Chinese is no order to move."""

_VERB_AT_END = re.compile(rf"{_ANYWHERE.pattern}$")
_ALL_OF_IT = re.compile("[並并且]")
"""Joins verbs that are meant together: who checks and changes something changes it."""

_ENDS_WITH_VERB = re.compile(r"[\u3040-\u30fa\uac00-\ud7a3]")
_MOVING = "移動|移[すし]|移行|リネーム|改名|分割|抽出|分離|切り出|統一|削減|切り?替え?"
"""Verbs of Japanese that are nouns as often: verbs where an object or a target stands right before them."""

_MAKING_SO = "(?<![変悪劣])化"
"""Makes a verb of any noun in Japanese: "CORSを有効化". A few of them tell what happens by itself."""

_WITH_ENDING = re.compile(
    rf"(?P<verb>{_ANYWHERE.pattern}|(?<=[をにへで])(?:{_MOVING})|{_MAKING_SO})(?:[しすさる]|하|한|함|할|해|되|된|됨|$)"
)
_MOVING_IN_KOREAN = re.compile(r"(?:[을를]|로) (?:이동|분리|추출)(?:$|[ ]?,|한다|하[고기여]|해|시)")
_SWITCHING_IN_IT = re.compile(r"^[中里裡内內][ ,]{0,3}(?:启用|啟用|禁用|停用|开启|開啟|关闭|關閉)")
"""What else changes the file that it is done in: "在 x.ts 中启用"."""

_SOURCES = re.compile(
    r"(?:^|\s)(?:según|desde|conforme|segundo|selon|depuis|voir|siehe|laut|gemäß|aus|vedi|согласно"
    r"|basado en|baseado em|basé sur|basierend auf|de acuerdo con|de acordo com|a partir de|d'après"
    r"|referencia a|contenido del?|conteúdo d[eo]|contenu d[eu]|inhalt von|copiado del?|paso \d+ del?|tomado del?"
    r"|(?:mêmes?|même) \w+ que|modèle de|mism[oa]s? \w+ que|образцу|по контрактам|по)"
    r"(?: (?:el|la|los|las|o|a|os|as|le|les|der|dem|den|il))?$"
    r"|(?:參考|参考|根據|根据|依照|按照|依據|依据|遵循|參照|参照|來自|来自|基於|基于|見|见)$"
)
_SOURCES_BEHIND = re.compile(r"^(?:을|를|의|에)? ?(?:참조|참고|기반|따라|따른)|^[参參]照")
# "X's pattern is used again", in Korean and Japanese.
_MODEL_BEHIND = re.compile(r"^(?:의 .*(?:재사용|참고|참조|따라)|の.*(?:再利用|参考|踏襲|流用))")

# "As X says", "with what X shows", and what is taken over from X. What is cut out of X changes X, unless that is data.
_AND_MORE = "(?:(?:と|や|,|及び|および) <path> ?){0,9}"
_OF_IT = rf"{_AND_MORE}(?:の[^をはがにで ]{{0,30}}?)?(?: ?\) )?"
_RESTS_ON = re.compile(
    rf"^{_OF_IT}(?:どおり|通りに|に(?:従|基づ|沿|準拠)|を(?:参考|参照|もとに|元に))"
    rf"|^{_AND_MORE}を ?(?:返[すしさ]|読み?込|(?:表示|描画|レンダリング|配信|使用|利用)[しす]|使[うっ]|用い|呼び出"
    "|インポート|ロード)"
    rf"|^{_OF_IT}から(?:(?!移動|移[しす]|抽出|切り出|分[割離]|削除)[^、]){{0,60}}?(?:統合|取得|読み?込|生成|導出|コピー|転記)"
)
# "The route that returns X", in Chinese.
_SHOWN = re.compile(r"(?:返回|渲染|显示|顯示|加载|載入|读取|讀取|使用)$")
_OF_A_THING = ("的", "之")
_OUT_OF = re.compile("[从從]$|^từ$")
_OUT_OF_BEHIND = re.compile(rf"^{_OF_IT}から|^에서")
_CUT_OUT = re.compile("提取|抽取|抽出|추출|trích|chuyển")


def is_foreign_source(before: Sequence[str], behind: Sequence[str]) -> bool:
    """Whether the words round a path say in another language that something rests on it."""
    clause = " ".join(behind[:_CLAUSE])
    return bool(
        _SOURCES.search(" ".join(before[-5:]))
        or _SOURCES_BEHIND.match(" ".join(behind[:2]))
        or _MODEL_BEHIND.match(clause)
        or _RESTS_ON.match(clause)
        or (before and _SHOWN.search(before[-1]) and clause.startswith(_OF_A_THING))
    )


def is_copied_out(before: Sequence[str], behind: Sequence[str]) -> bool:
    """Whether words of another language take something out of a path, which data outlives unchanged."""
    is_out = (before and _OUT_OF.search(before[-1])) or _OUT_OF_BEHIND.match(" ".join(behind[:2]))
    return bool(is_out) and any(_CUT_OUT.search(word) for word in (*before[-5:], *behind[:_CLAUSE]))


_CLAUSE = 8
"""Words behind a path within which a clause about it ends."""


@lru_cache(maxsize=4096)
def foreign_use(before: Sequence[str], behind: Sequence[str]) -> Use | None:
    """What a sentence of another language does with a path, by the words before it and those behind it."""
    if is_foreign_source(before, behind):
        return Use.READS
    if _MOVING_IN_KOREAN.search(" ".join(behind[:_CLAUSE])) or _SWITCHING_IN_IT.match(" ".join(behind[:2])):
        return Use.WRITES
    if any(_ENDS_WITH_VERB.search(word) for word in (*before, *behind)):
        spelled = [
            [_UNSPACED.get(each["verb"], Use.WRITES) for word in words for each in _WITH_ENDING.finditer(word)]
            for words in (before, behind)
        ]
        last = Use.WRITES if _MOVING_IN_KOREAN.search(" ".join(before[-_CLAUSE:])) else None
        return next(iter([*spelled[1], *reversed(spelled[0])]), last)
    right_before = _VERB_AT_END.search(before[-1]) if before else None
    if right_before:
        return _UNSPACED[right_before[0]]
    return next((use for word in (*before, *behind) for use in _uses(word)), None)


def _uses(word: str) -> Sequence[Use]:
    use = _WORDS.get(word)
    if use is not None or word.isascii():
        return () if use is None else (use,)
    if word.startswith(("\u5199", "\u5beb")):
        return [Use.WRITES]
    uses = [_UNSPACED[found] for found in _ANYWHERE.findall(word)]
    return [Use.WRITES] if Use.WRITES in uses and _ALL_OF_IT.search(word) else uses
