"""What sections of plans are called in other languages than English: those of the work, and of what must be true then.

Each is a pattern for the beginning of a title in lower case.
"""

# ruff: noqa: RUF001  # Letters of other languages.


def _one_of(names: str) -> str:
    """A pattern for one of the names, which are divided by commas and lines."""
    words = (name.strip() for line in names.splitlines() for name in line.split(","))
    return f"(?:{'|'.join(sorted(filter(None, words), key=len, reverse=True))})"


WORK = _one_of(
    """
    変更内容, 変更点, 変更箇所, 具体的な変更, 具体的な変更内容, 実装, 実装内容, 実装手順, 実装計画, 実装ステップ
    実装タスク
    修正内容, 修正箇所, 作業内容, 作業手順, 対応内容, 手順, タスク, タスク一覧, タスクリスト
    变更, 变更内容, 具体变更, 修改, 修改内容, 修改方案, 具体修改, 实施, 实施步骤, 实施计划, 实施方案, 实现步骤
    实现计划
    实现方案, 执行步骤, 任务, 任务列表, 任务清单, 步骤, 變更內容, 修改內容, 實作, 實作步驟, 實作計畫, 實施步驟
    任務, 任務清單
    변경 사항, 변경사항, 변경 내용, 구현, 구현 단계, 구현 계획, 작업, 작업 내용, 작업 목록
    cambios, cambios propuestos, cambios necesarios, implementación, plan de implementación, pasos, tareas
    mudanças, alterações, alterações necessárias, implementação, plano de implementação, passos, tarefas
    changements, modifications, modifications proposées, implémentation, plan d'implémentation, étapes, tâches
    änderungen, geplante änderungen, umsetzung, umsetzungsplan, schritte, aufgaben
    modifiche, implementazione, piano di implementazione, attività, zmiany, kroki, zadania, wijzigingen, stappen
    taken
    изменения, реализация, план реализации, план работ, шаги, задачи, зміни, реалізація, план реалізації, кроки
    завдання
    değişiklikler, uygulama, uygulama planı, adımlar, görevler, thay đổi, các bước, nhiệm vụ, triển khai
    """
)
"""Sections that hold the work."""

CRITERIA = _one_of(
    """
    完了基準, 完了条件, 完了の定義, 完了チェックリスト, 受け入れ基準, 受け入れ条件, 受入基準, 受入条件, 成功基準
    成功条件
    チェックリスト
    验收, 验收标准, 验收条件, 完成标准, 完成条件, 完成定义, 成功标准, 检查清单
    驗收, 驗收標準, 驗收條件, 完成標準, 完成條件, 完成定義, 成功標準, 檢查清單
    완료 조건, 완료 기준, 완료 정의, 완료조건, 완료기준, 수락 기준, 인수 기준, 인수 조건, 성공 기준, 체크리스트
    criterios de aceptación, criterios de éxito, criterios de finalización, definición de terminado
    definición de hecho
    lista de verificación, lista de control
    critérios de aceite, critérios de aceitação, critérios de sucesso, critérios de conclusão, critério de aceite
    definição de pronto, definição de feito, lista de verificação
    critères d'acceptation, critères de succès, critères de réussite, critères d'achèvement, définition de terminé
    définition du fini
    akzeptanzkriterien, abnahmekriterien, erfolgskriterien, fertigstellungskriterien
    criteri di accettazione, criteri di successo, criteri di completamento, definizione di fatto
    acceptatiecriteria, succescriteria, kryteria akceptacji, kryteria sukcesu, definicja ukończenia
    критерии готовности, критерии приемки, критерии приёмки, критерии успеха, критерии завершения, чек-лист
    критерії готовності, критерії приймання, критерії успіху
    kabul kriterleri, başarı kriterleri, tamamlanma kriterleri
    tiêu chí chấp nhận, tiêu chí hoàn thành, tiêu chí thành công, định nghĩa hoàn thành
    """
)
"""Sections that say what must be true when the work is done."""

VERIFICATION = _one_of(
    """
    検証, 検証方法, 検証手順, 検証項目, 動作確認, 確認項目, 验证, 验证方法, 验证方式, 验证步骤, 驗證, 驗證方式
    검증, 검증 방법
    verificación, verificação, verificação final, vérification, verifikation, überprüfung, verifica, verificatie
    weryfikacja, проверка, верификация, перевірка, doğrulama, kiểm tra
    """
)
"""Sections that say how it is seen that the work is done."""
