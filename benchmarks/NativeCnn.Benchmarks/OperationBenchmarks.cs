using System.Globalization;
using BenchmarkDotNet.Attributes;
using BenchmarkDotNet.Columns;
using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Reports;
using BenchmarkDotNet.Running;
using NativeCnn.Backends.Operations;
using NativeCnn.Tensors;
using NativeCnn.Threading;

namespace NativeCnn.Benchmarks;

/// <summary>Every operation of <see cref="BenchmarkedOperations"/>; each result is proved before it is timed.</summary>
[Config(typeof(Rates))]
public class OperationBenchmarks
{
    private ProvenOperation _proven = null!;

    public static IEnumerable<BenchmarkedOperation> Operations => BenchmarkedOperations.All;

    [ParamsSource(nameof(Operations))]
    public BenchmarkedOperation Operation { get; set; } = null!;

    [GlobalSetup]
    public void Setup() => _proven = new ProvenOperation(Operation, ThreadCount.Default);

    [Benchmark]
    public void Run() => _proven.Run();

    [GlobalCleanup]
    public void Cleanup() => _proven.Dispose();

    private sealed class Rates : ManualConfig
    {
        public Rates() =>
            AddColumn(
                new RateColumn(
                    "GFLOP/s",
                    "Twice the multiply-adds of the definition, per second",
                    o => 2 * o.MultiplyAdds
                ),
                new RateColumn(
                    "GB/s",
                    "All operands once, updated ones twice, per second",
                    o => o.Bytes(ElementType.Float32)
                )
            );
    }

    private sealed class RateColumn(string name, string legend, Func<Operation, long> amount) : IColumn
    {
        public string Id => name;

        public string ColumnName => name;

        public string Legend => legend;

        public bool AlwaysShow => true;

        public ColumnCategory Category => ColumnCategory.Custom;

        public int PriorityInCategory => 0;

        public bool IsNumeric => true;

        public UnitType UnitType => UnitType.Dimensionless;

        public bool IsAvailable(Summary summary) => true;

        public bool IsDefault(Summary summary, BenchmarkCase benchmarkCase) => false;

        public string GetValue(Summary summary, BenchmarkCase benchmarkCase)
        {
            var benchmark = (BenchmarkedOperation)benchmarkCase.Parameters[nameof(Operation)];
            long perRun = amount(benchmark.Operation);
            // In nanoseconds; a thousand million in a second is one in each.
            double? time = summary[benchmarkCase]?.ResultStatistics?.Mean;
            return time is null || perRun == 0
                ? "-"
                : (perRun / time.Value).ToString("0.0", CultureInfo.InvariantCulture);
        }

        public string GetValue(Summary summary, BenchmarkCase benchmarkCase, SummaryStyle style) =>
            GetValue(summary, benchmarkCase);
    }
}
