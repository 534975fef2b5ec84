using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Reports;
using BenchmarkDotNet.Running;
using NativeCnn.Benchmarks;

if (OwnCommands.Run(args) is { } exitCode)
    return exitCode;
OwnCommands.ListWhereAsked(args);

// Wide enough for the names of a layer, an operation and an algorithm.
IConfig config = DefaultConfig.Instance.WithSummaryStyle(SummaryStyle.Default.WithMaxParameterColumnWidth(80));
IEnumerable<Summary> summaries = BenchmarkSwitcher.FromAssembly(typeof(Program).Assembly).Run(args, config);
return summaries.All(summary => summary.Reports.All(report => report.Success)) ? 0 : 1;
