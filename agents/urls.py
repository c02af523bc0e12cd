from django.urls import path

from agents.views import check, error_log, log, queue

urlpatterns = [
    path("queue/", queue.queue, name="agent_queue"),
    path("queue/<str:number>/database/", queue.database, name="agent_queue_database"),
    path("log/", log.log, name="agent_log"),
    path("log/cause/", log.cause, name="agent_log_cause"),
    path("log/csv/", log.log_csv, name="agent_log_csv"),
    path("errors/", error_log.error_log, name="error_log"),
    path("errors/clear/", error_log.clear, name="error_log_clear"),
    path("check/", check.check, name="database_check"),
    path("check/<str:number>/", check.check, name="database_check_of"),
]
